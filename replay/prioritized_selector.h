#ifndef DROVER_REPLAY_PRIORITIZED_SELECTOR_H_
#define DROVER_REPLAY_PRIORITIZED_SELECTOR_H_

#include "replay/selector.h"
#include "replay/sum_tree.h"

namespace drover {

// P(i) = w_i / Σ w with w = max(p^α, 1e-300) (Schaul et al. 2016, eq. 1). The slot at `uniform` is
// the i with Σ_{j<i} w_j <= uniform · Σ w < Σ_{j<=i} w_j, slots in ascending order.
class PrioritizedSelector : public Selector {
 public:
  // Weights are at most this, so that no sum of them is infinite.
  static constexpr double kMaxWeight = 1e290;

  PrioritizedSelector(double exponent, uint32_t capacity) : exponent_(exponent), tree_(capacity) {}

  void Insert(uint32_t slot, double priority) override { tree_.Set(slot, Weight(priority)); }
  void Update(uint32_t slot, double priority) override { tree_.Set(slot, Weight(priority)); }
  void Erase(uint32_t slot) override { tree_.Set(slot, 0); }
  void UpdateAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities) override;
  void InsertAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities) override {
    UpdateAll(slots, priorities);
  }
  void ReplaceAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities) override {
    UpdateAll(slots, priorities);
  }
  Draw Sample(double uniform) const override;
  void SampleAll(absl::Span<const double> uniforms, absl::Span<Draw> draws) const override;
  double Probability(uint32_t slot) const override { return tree_.Get(slot) / tree_.total(); }
  double mass() const override { return tree_.total(); }

 private:
  double Weight(double priority);

  const double exponent_;
  double last_priority_ = 0;  // of Weight(), and what it was: new items are all alike
  double last_weight_ = 0;
  SumTree tree_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_PRIORITIZED_SELECTOR_H_
