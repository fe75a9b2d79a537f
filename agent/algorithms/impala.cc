#include "agent/algorithms/impala.h"

#include <ATen/TensorOperators.h>

#include "agent/algorithms/policy_gradient.h"
#include "agent/returns/vtrace.h"

namespace drover {
namespace {

constexpr char kDefaults[] = R"(
  returns { gamma: 0.99 lambda: 1 reward_scale: 1 clip_rho: 1 clip_c: 1 clip_policy_rho: 1 }
  loss { reduction: mean value_coefficient: 0.5 entropy { value: 0.01 } }
  update { adam {} rate { value: 1e-3 } max_norm: 1 epochs: 1 }
)";

TensorMap Targets(const TargetsInput& in) {
  const Returns& returns = in.config.returns();
  const Vtrace vtrace = VtraceTargets(
      in.steps, in.log_prob - in.batch.log_prob,
      {returns.clip_rho(), returns.clip_c(), returns.clip_policy_rho(), returns.lambda()});
  return {{"advantage", vtrace.advantage}, {"value", vtrace.target}, {"rho", vtrace.rho}};
}

LossTerms ImpalaLoss(const LossInput& in) {
  LossTerms terms = ActorCriticLoss(in);
  terms.AddStatistic("mean_rho", in.targets.at("rho").mean());
  return terms;
}

}  // namespace

Algorithm Impala() {
  return {"impala",
          "off-policy actor-critic with V-trace (Espeholt et al. 2018)",
          {Topology::impala},
          {kDefaults},
          {{"train", Targets, ImpalaLoss}}};
}

}  // namespace drover
