#ifndef DROVER_REPLAY_UNIFORM_SELECTOR_H_
#define DROVER_REPLAY_UNIFORM_SELECTOR_H_

#include "replay/selector.h"
#include "replay/zeroed_array.h"

namespace drover {

// P(i) = 1 / n. The occupied slots side by side in any order, and where each one is:
//   slots_[place_[s]] = s for each s inserted.
class UniformSelector : public Selector {
 public:
  explicit UniformSelector(uint32_t capacity) : slots_(capacity), place_(capacity) {}

  void Insert(uint32_t slot, double priority) override;
  void Update(uint32_t /*slot*/, double /*priority*/) override {}
  void Erase(uint32_t slot) override;
  Draw Sample(double uniform) const override;
  double Probability(uint32_t /*slot*/) const override { return 1.0 / size_; }
  double mass() const override { return size_; }

 private:
  ZeroedArray<uint32_t> slots_;  // the first size_
  ZeroedArray<uint32_t> place_;  // by slot
  uint32_t size_ = 0;
};

}  // namespace drover

#endif  // DROVER_REPLAY_UNIFORM_SELECTOR_H_
