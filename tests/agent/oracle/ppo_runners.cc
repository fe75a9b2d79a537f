#include <ATen/TensorOperators.h>
#include <ATen/ops/tensor.h>

#include "agent/algorithms/ppo.h"
#include "agent/coefficient/adaptive_kl.h"
#include "agent/distributions/categorical.h"
#include "agent/losses/advantage.h"
#include "agent/losses/policy_losses.h"
#include "tests/agent/oracle/runners.h"

namespace drover {

OracleOutputs RunAdvantageNormalization(OracleInputs& in) {
  const at::Tensor advantage = in.Real("advantages", "T,B");
  const double epsilon = in.Scalar("eps");
  return {{"unbiased", NormalizeAdvantage(advantage, epsilon)},
          {"biased", NormalizeAdvantage(advantage, epsilon, /*unbiased=*/false)}};
}

OracleOutputs RunPpoClipLoss(OracleInputs& in) {
  const at::Tensor log_prob = Variable(in.Real("log_probs_new", "N"));
  const at::Tensor log_ratio = log_prob - in.Real("log_probs_old", "N");
  const at::Tensor ratio = log_ratio.exp();
  const double epsilon = in.Scalar("clip_eps");
  const at::Tensor loss = ClippedSurrogateLoss(ratio, in.Real("advantages", "N"), epsilon).mean();
  loss.backward();
  return {{"ratio", ratio},
          {"loss", loss},
          {"grad_log_probs_new", log_prob.grad()},
          {"clip_fraction", ClipFraction(ratio, epsilon)},
          {"kl_k1", -log_ratio.mean()},
          {"kl_k3", KlEstimate(log_ratio).mean()}};
}

OracleOutputs RunPpoFullLoss(OracleInputs& in) {
  Experiment config = DefaultsOf(Ppo());
  const double epsilon = in.Scalar("clip_eps");
  const bool normalize = in.Scalar("normalize_advantage") != 0;
  config.mutable_loss()->set_value_coefficient(in.Scalar("value_cost"));
  config.mutable_loss()->mutable_entropy()->set_value(in.Scalar("entropy_cost"));
  config.mutable_loss()->mutable_clip()->set_value(epsilon);
  config.mutable_loss()->set_value_clip(in.Scalar("clip_value") != 0 ? epsilon : 0);
  config.mutable_loss()->set_normalize_advantages(normalize);

  const at::Tensor logits = Variable(in.Real("logits", "N,A"));
  const at::Tensor value = Variable(in.Real("values", "N"));
  const at::Tensor advantage = in.Real("advantages", "N");
  const Categorical policy(logits.size(-1));
  const LossContext context{config, policy, 0};
  const TensorMap targets{{"advantage", advantage},
                          {"value", in.Real("returns", "N")},
                          {"old_value", in.Real("values_old", "N")}};
  const LossTerms loss = Ppo().phases.at(0).loss(
      {context, logits, value, in.Index("actions", "N"), in.Real("log_probs_old", "N"), targets});
  loss.Total().backward();
  return {{"normalized_advantages", normalize ? NormalizeAdvantage(advantage) : advantage},
          {"policy_loss", Number(loss.Value("policy_loss"))},
          {"value_loss", Number(loss.Value("value_loss"))},
          {"entropy", Number(loss.Value("entropy"))},
          {"total_loss", loss.Total()},
          {"grad_logits", logits.grad()},
          {"grad_values", value.grad()}};
}

OracleOutputs RunPpoKlPenaltyLoss(OracleInputs& in) {
  const at::Tensor old = in.Real("logits_old", "N,A");
  const at::Tensor action = in.Index("actions", "N");
  const at::Tensor advantage = in.Real("advantages", "N");
  const Categorical policy(old.size(-1));
  OracleOutputs outputs;
  for (const std::string direction : {"forward", "reverse"}) {
    const at::Tensor logits = Variable(in.Real("logits", "N,A"));
    const at::Tensor ratio = (policy.LogProb(logits, action) - policy.LogProb(old, action)).exp();
    const at::Tensor kl =
        (direction == "forward" ? policy.Kl(old, logits) : policy.Kl(logits, old)).mean();
    LossTerms loss;
    loss.Add("policy_loss", SurrogateLoss(ratio, advantage).mean());
    loss.Add("kl", kl, in.Scalar("beta"));
    loss.Total().backward();
    outputs["loss_" + direction] = loss.Total();
    outputs["kl_" + direction] = kl;
    outputs["grad_" + direction] = logits.grad();
  }
  return outputs;
}

OracleOutputs RunPpoAdaptiveKlBeta(OracleInputs& in) {
  const at::Tensor kls = in.Real("kls", "K").to(at::kDouble);
  const double target = in.Scalar("kl_target");
  double beta = in.Scalar("beta0");
  std::vector<double> betas;
  for (int64_t i = 0; i < kls.size(0); ++i) {
    beta = AdaptKlPenalty(beta, kls[i].item<double>(), target);
    betas.push_back(beta);
  }
  return {{"betas", at::tensor(betas, at::kDouble)}};
}

}  // namespace drover
