#include <ATen/TensorOperators.h>
#include <ATen/ops/stack.h>

#include <vector>

#include "agent/normalization/discounted_returns.h"
#include "agent/normalization/running_moments.h"
#include "tests/agent/oracle/runners.h"

namespace drover {

OracleOutputs RunRunningMeanStd(OracleInputs& in) {
  const at::Tensor batches = in.Real("batches", "K,B,D");
  RunningMoments moments(batches.size(2), in.Scalar("initial_count"));
  std::vector<at::Tensor> means;
  std::vector<at::Tensor> variances;
  for (int64_t k = 0; k < batches.size(0); ++k) {
    moments.Add(batches[k]);
    means.push_back(moments.mean().clone());
    variances.push_back(moments.Variance());
  }
  return {{"means", at::stack(means)},
          {"variances", at::stack(variances)},
          {"normalized_query", Normalize(in.Real("query", "Q,D"), moments.mean(),
                                         moments.Deviation(), in.Scalar("clip"))}};
}

OracleOutputs RunRewardScaling(OracleInputs& in) {
  const at::Tensor reward = in.Real("rewards", "T,B");
  const at::Tensor done = in.Index("dones", "T,B");
  DiscountedReturns returns(reward.size(1), in.Scalar("gamma"));
  RunningMoments moments(1, in.Scalar("initial_count"));
  std::vector<at::Tensor> sums;
  std::vector<at::Tensor> scaled;
  for (int64_t t = 0; t < reward.size(0); ++t) {
    sums.push_back(returns.Next(reward[t], done[t]));
    moments.Add(sums.back().unsqueeze(1));
    scaled.push_back(Scale(reward[t], moments.Deviation(), in.Scalar("clip")));
  }
  return {{"discounted_returns", at::stack(sums)},
          {"scaled_rewards", at::stack(scaled)},
          {"final_variance", moments.Variance().squeeze()}};
}

}  // namespace drover
