#include "agent/distributions/action_scale.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>

#include "common/check.h"

namespace drover {
namespace {

bool Interval(float low, float high) {
  return std::isfinite(low) && std::isfinite(high) && low < high;
}

// A constant of `like`'s type and device.
template <typename T>
at::Tensor Constant(const std::vector<T>& values, const at::Tensor& like) {
  return at::tensor(values).to(like.options().requires_grad(false));
}

}  // namespace

ActionScale::ActionScale(const Space& action) : low_(action.low), high_(action.high) {
  DROVER_CHECK(!action.discrete() && action.shape.size() == 1);
  for (size_t d = 0; d < low_.size(); ++d) {
    const bool bounded = Interval(low_[d], high_[d]);
    const double low = low_[d];
    const double high = high_[d];
    centre_.push_back(bounded ? (low + high) / 2 : 0);
    half_.push_back(bounded ? (high - low) / 2 : 1);
    log_volume_ += std::log(half_.back());
  }
}

at::Tensor ActionScale::ToAction(const at::Tensor& unit) const {
  return Constant(centre_, unit) + Constant(half_, unit) * unit;
}

at::Tensor ActionScale::ToUnit(const at::Tensor& action) const {
  return (action - Constant(centre_, action)) / Constant(half_, action);
}

at::Tensor ActionScale::Clip(const at::Tensor& action) const {
  return action.maximum(Constant(low_, action)).minimum(Constant(high_, action));
}

bool Bounded(const Space& action) {
  if (action.discrete()) return false;
  for (size_t d = 0; d < action.low.size(); ++d) {
    if (!Interval(action.low[d], action.high[d])) return false;
  }
  return true;
}

}  // namespace drover
