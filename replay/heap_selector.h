#ifndef DROVER_REPLAY_HEAP_SELECTOR_H_
#define DROVER_REPLAY_HEAP_SELECTOR_H_

#include "replay/selector.h"
#include "replay/zeroed_array.h"

namespace drover {

// max_priority and min_priority: P(i) = 1 for the top of a binary heap of ranks, where rank is p or
// -p:
//   rank(heap_[(k - 1) / 2]) >= rank(heap_[k]);  heap_[place_[s]] = s for each s inserted.
class HeapSelector : public Selector {
 public:
  enum class Top { kLargest, kSmallest };

  HeapSelector(Top top, uint32_t capacity)
      : sign_(top == Top::kLargest ? 1 : -1), heap_(capacity), place_(capacity), rank_(capacity) {}

  void Insert(uint32_t slot, double priority) override;
  void Update(uint32_t slot, double priority) override;
  void Erase(uint32_t slot) override;
  Draw Sample(double /*uniform*/) const override { return {heap_[0], 1}; }
  double Probability(uint32_t slot) const override { return slot == heap_[0] ? 1 : 0; }
  double mass() const override { return size_; }

 private:
  void Put(uint32_t place, uint32_t slot);
  void Up(uint32_t place);
  void Down(uint32_t place);

  const float sign_;
  ZeroedArray<uint32_t> heap_;   // the first size_
  ZeroedArray<uint32_t> place_;  // by slot
  ZeroedArray<float> rank_;      // by slot
  uint32_t size_ = 0;
};

}  // namespace drover

#endif  // DROVER_REPLAY_HEAP_SELECTOR_H_
