#ifndef DROVER_REPLAY_ORDER_SELECTOR_H_
#define DROVER_REPLAY_ORDER_SELECTOR_H_

#include "replay/selector.h"
#include "replay/zeroed_array.h"

namespace drover {

// fifo and lifo: P(oldest) = 1 or P(newest) = 1. The occupied slots as a ring in the order of their
// Insert, through one more slot that is never occupied:
//   next(previous(s)) = s;  next(end) is the oldest, previous(end) the newest.
class OrderSelector : public Selector {
 public:
  enum class Which { kOldest, kNewest };

  OrderSelector(Which which, uint32_t capacity);

  void Insert(uint32_t slot, double priority) override;
  void Update(uint32_t /*slot*/, double /*priority*/) override {}
  void Erase(uint32_t slot) override;
  Draw Sample(double uniform) const override;
  void Order(std::vector<uint32_t>* slots) const override;
  double Probability(uint32_t slot) const override { return slot == Sample(0).slot ? 1 : 0; }
  double mass() const override { return size_; }

 private:
  struct Links {
    uint32_t previous;
    uint32_t next;
  };

  const Which which_;
  const uint32_t end_;  // = capacity
  ZeroedArray<Links> links_;
  uint32_t size_ = 0;
};

}  // namespace drover

#endif  // DROVER_REPLAY_ORDER_SELECTOR_H_
