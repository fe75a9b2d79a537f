#ifndef DROVER_AGENT_DISTRIBUTIONS_ACTION_SCALE_H_
#define DROVER_AGENT_DISTRIBUTIONS_ACTION_SCALE_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "env/spec.h"

namespace drover {

// Between the units of an environment's actions, [..., D], and those that heads and noise work in:
//   action = centre + half · unit
// maps [-1, 1] to the bounds. Where a bound is infinite the units are the same: centre 0, half 1.
class ActionScale {
 public:
  explicit ActionScale(const Space& action);  // a box of one axis

  int64_t size() const { return static_cast<int64_t>(half_.size()); }  // D
  double centre(int64_t d) const { return centre_[static_cast<size_t>(d)]; }
  double half(int64_t d) const { return half_[static_cast<size_t>(d)]; }
  float low(int64_t d) const { return low_[static_cast<size_t>(d)]; }
  float high(int64_t d) const { return high_[static_cast<size_t>(d)]; }

  // With gradients, in the type and on the device of what is given.
  at::Tensor ToAction(const at::Tensor& unit) const;
  at::Tensor ToUnit(const at::Tensor& action) const;
  at::Tensor Clip(const at::Tensor& action) const;  // to the bounds

  // log |d action / d unit| = Σ log half: what a log-density in actions lacks against one in units.
  double log_volume() const { return log_volume_; }

 private:
  std::vector<double> centre_;
  std::vector<double> half_;
  std::vector<float> low_;
  std::vector<float> high_;
  double log_volume_ = 0;
};

// Whether every element has two finite bounds, the lower one first.
bool Bounded(const Space& action);

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_ACTION_SCALE_H_
