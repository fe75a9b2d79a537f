#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/stack.h>

#include "agent/update/global_norm.h"
#include "agent/update/update_rule.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

// The parameters after each gradient, [K, D].
at::Tensor Trajectory(const Update& config, double rate, const at::Tensor& parameters,
                      const at::Tensor& gradients) {
  const auto rule = MakeUpdateRule(config, parameters);
  std::vector<at::Tensor> after;
  for (int64_t k = 0; k < gradients.size(0); ++k) {
    rule->Apply(parameters, gradients[k], rate);
    after.push_back(parameters.clone());
  }
  return at::stack(after);
}

}  // namespace

OracleOutputs RunGlobalNormClip(OracleInputs& in) {
  // A model's parameters are one flat tensor; so are these two.
  const at::Tensor a = in.Real("grad_a", "R,C");
  const at::Tensor b = in.Real("grad_b", "D");
  const at::Tensor all = at::cat({a.flatten(), b});
  const double norm = ClipGlobalNorm(in.Scalar("max_norm"), all);
  return {{"norm", Number(norm)},
          {"clipped_a", all.narrow(0, 0, a.numel()).view(a.sizes())},
          {"clipped_b", all.narrow(0, a.numel(), b.numel())}};
}

OracleOutputs RunRmsPropVariants(OracleInputs& in) {
  Update config;
  config.mutable_rmsprop()->set_decay(in.Scalar("decay"));
  config.mutable_rmsprop()->set_epsilon(in.Scalar("eps"));
  const double rate = in.Scalar("learning_rate");
  OracleOutputs outputs;
  for (const auto place : {RmsProp::Epsilon::inside, RmsProp::Epsilon::outside}) {
    config.mutable_rmsprop()->set_epsilon_place(place);
    outputs["params_eps_" + RmsProp::Epsilon::Kind_Name(place)] =
        Trajectory(config, rate, in.Real("params", "D"), in.Real("gradients", "K,D"));
  }
  return outputs;
}

}  // namespace drover
