#ifndef DROVER_AGENT_NORMALIZATION_DISCOUNTED_RETURNS_H_
#define DROVER_AGENT_NORMALIZATION_DISCOUNTED_RETURNS_H_

#include <ATen/core/Tensor.h>

#include "common/archive.h"

namespace drover {

// What rewards are scaled by is the deviation of their running discounted sum (Engstrom et al.
// 2020, arXiv:2005.12729): G ← γ G + r in each of E environments, from 0 in each episode. γ is the
// agent's. One actor's.
class DiscountedReturns {
 public:
  DiscountedReturns(int64_t environments, double gamma);

  // G [E] float64 after the rewards [E] of one step; where an episode ended it starts anew.
  at::Tensor Next(const at::Tensor& reward, const at::Tensor& ended);

  void StartAnew() { running_.zero_(); }

  void SaveOrRestore(Archive* archive);

 private:
  const double gamma_;
  at::Tensor running_;  // [E] float64
};

}  // namespace drover

#endif  // DROVER_AGENT_NORMALIZATION_DISCOUNTED_RETURNS_H_
