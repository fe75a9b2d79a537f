#ifndef DROVER_AGENT_LOSSES_REDUCTION_H_
#define DROVER_AGENT_LOSSES_REDUCTION_H_

#include <ATen/core/Tensor.h>

#include "proto/experiment.pb.h"

namespace drover {

// From a number for each step to one: Reduce reduce(config.reduction()); reduce(x).
//
// Settings do not carry over from sum to mean: with means over M steps divide
// clip norms and RMSProp's ε by M (its square, where ε is inside the root).
class Reduce {
 public:
  explicit Reduce(Reduction::Kind kind) : sum_(kind == Reduction::sum) {}

  at::Tensor operator()(const at::Tensor& x) const { return sum_ ? x.sum() : x.mean(); }

 private:
  const bool sum_;
};

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_REDUCTION_H_
