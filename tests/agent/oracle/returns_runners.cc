#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros_like.h>

#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

// Inputs rewards, discounts, next_values; V(x_t) plays no part.
Steps StepsToNext(OracleInputs& in) {
  const at::Tensor reward = in.Real("rewards", "T,B");
  const at::Tensor zero = at::zeros_like(reward);
  return {reward, in.Real("discounts", "T,B"), zero, zero, in.Real("next_values", "T,B")};
}

OracleOutputs Gae(const Steps& steps, double lambda) {
  const at::Tensor advantage = GaeAdvantages(steps, lambda);
  return {{"advantages", advantage}, {"returns", advantage + steps.value}};
}

}  // namespace

OracleOutputs RunDiscountedReturns(OracleInputs& in) {
  const at::Tensor reward = in.Real("rewards", "T,B");
  const at::Tensor zero = at::zeros_like(reward);
  const at::Tensor after = in.Real("bootstrap_value", "B").unsqueeze(0);
  const at::Tensor next_value = at::cat({zero.slice(0, 1), after});
  return {{"returns",
           MonteCarloReturns({reward, in.Real("discounts", "T,B"), zero, zero, next_value})}};
}

OracleOutputs RunNStepReturns(OracleInputs& in) {
  const auto n = static_cast<int64_t>(in.Scalar("n"));
  return {{"targets", NStepReturns(StepsToNext(in), n)}};
}

OracleOutputs RunLambdaReturns(OracleInputs& in) {
  return {{"returns", LambdaReturns(StepsToNext(in), in.Scalar("lambda"))}};
}

OracleOutputs RunGae(OracleInputs& in) {
  const at::Tensor reward = in.Real("rewards", "T,B");
  const at::Tensor values = in.Real("values", "T+1,B");
  const Steps steps{reward, in.Real("discounts", "T,B"), at::zeros_like(reward),
                    values.slice(0, 0, -1), values.slice(0, 1)};
  return Gae(steps, in.Scalar("lambda"));
}

OracleOutputs RunGaeTruncation(OracleInputs& in) {
  const at::Tensor reward = in.Real("rewards", "T,B");
  const at::Tensor discount = in.Scalar("gamma") * (1 - in.Real("terminated", "T,B"));
  const Steps steps{reward, discount, in.Real("truncated", "T,B"), in.Real("values", "T,B"),
                    in.Real("next_values", "T,B")};
  return Gae(steps, in.Scalar("lambda"));
}

}  // namespace drover
