#ifndef DROVER_AGENT_LOSSES_REDUCTION_H_
#define DROVER_AGENT_LOSSES_REDUCTION_H_

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <utility>

#include "proto/experiment.pb.h"

namespace drover {

// From a number for each step to one: Reduce reduce(config.reduction()); reduce(x).
//
// Settings do not carry over from sum to mean: with means over M steps divide
// clip norms and RMSProp's ε by M (its square, where ε is inside the root).
class Reduce {
 public:
  // `mask`, of x's shape: 1 for a number that counts, else 0; undefined: all do.
  explicit Reduce(Reduction::Kind kind, at::Tensor mask = {})
      : sum_(kind == Reduction::sum), mask_(std::move(mask)) {}

  at::Tensor operator()(const at::Tensor& x) const {
    if (!mask_.defined()) return sum_ ? x.sum() : x.mean();
    const at::Tensor sum = (x * mask_).sum();
    return sum_ ? sum : sum / mask_.sum().clamp_min(1);
  }

 private:
  const bool sum_;
  const at::Tensor mask_;
};

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_REDUCTION_H_
