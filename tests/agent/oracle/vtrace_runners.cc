#include <ATen/TensorOperators.h>

#include "agent/algorithms/impala.h"
#include "agent/distributions/categorical.h"
#include "agent/returns/vtrace.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

OracleOutputs Outputs(const Vtrace& vtrace) {
  return {{"vs", vtrace.target}, {"pg_advantages", vtrace.advantage}};
}

// What learner and actor think of the same actions.
struct Opinions {
  Categorical policy;
  at::Tensor logits;     // [T, B, A] the learner's
  at::Tensor action;     // [T, B]
  at::Tensor log_prob;   // [T, B] the learner's
  at::Tensor behaviour;  // [T, B] log-probabilities of the actor
};

Opinions ReadOpinions(OracleInputs& in) {
  const at::Tensor logits = in.Real("target_logits", "T,B,A");
  const at::Tensor action = in.Index("actions", "T,B");
  const Categorical policy(logits.size(-1));
  return {policy, logits, action, policy.LogProb(logits, action),
          policy.LogProb(in.Real("behaviour_logits", "T,B,A"), action)};
}

}  // namespace

OracleOutputs RunVtrace(OracleInputs& in) {
  const VtraceOptions options{in.Scalar("clip_rho"), /*clip_c=*/1, in.Scalar("clip_pg_rho"),
                              in.Scalar("lambda")};
  return Outputs(VtraceTargets(StepsOf(in), in.Real("log_rhos", "T,B"), options));
}

OracleOutputs RunVtraceGeneral(OracleInputs& in) {
  const VtraceOptions options{in.Scalar("clip_rho"), in.Scalar("clip_c"), in.Scalar("clip_pg_rho")};
  return Outputs(VtraceTargets(StepsOf(in), in.Real("log_rhos", "T,B"), options));
}

OracleOutputs RunLeakyVtrace(OracleInputs& in) {
  VtraceOptions options;
  options.clip_rho = in.Scalar("clip_rho");
  options.lambda = in.Scalar("lambda");
  options.truncation = in.Scalar("alpha");
  return {{"vs", VtraceTargets(StepsOf(in), in.Real("log_rhos", "T,B"), options).target}};
}

OracleOutputs RunVtraceFromLogits(OracleInputs& in) {
  const Opinions opinions = ReadOpinions(in);
  const at::Tensor log_ratio = opinions.log_prob - opinions.behaviour;
  OracleOutputs outputs = Outputs(VtraceTargets(StepsOf(in), log_ratio));
  outputs["log_rhos"] = log_ratio;
  return outputs;
}

OracleOutputs RunImpalaLoss(OracleInputs& in) {
  Experiment config = DefaultsOf(Impala());
  config.mutable_loss()->set_reduction(Reduction::sum);
  config.mutable_loss()->set_value_coefficient(in.Scalar("baseline_cost"));
  config.mutable_loss()->mutable_entropy()->set_value(in.Scalar("entropy_cost"));
  const Opinions opinions = ReadOpinions(in);
  const Steps steps = StepsOf(in);
  Batch batch;
  batch.log_prob = opinions.behaviour;

  const Phase phase = Impala().phases.at(0);
  const at::Tensor logits = Variable(opinions.logits);
  const at::Tensor value = Variable(steps.value);
  const LossContext context{config, opinions.policy, 0};
  const TensorMap targets =
      phase.targets({config, batch, steps, opinions.logits, opinions.log_prob});
  const LossTerms loss =
      phase.loss({context, logits, value, opinions.action, opinions.behaviour, targets});
  loss.Total().backward();
  return {{"pg_loss", Number(loss.Value("policy_loss"))},
          {"baseline_loss", Number(loss.Value("value_loss"))},
          {"entropy_loss", Number(-loss.Value("entropy"))},
          {"total_loss", loss.Total()},
          {"grad_target_logits", logits.grad()},
          {"grad_values", value.grad()}};
}

}  // namespace drover
