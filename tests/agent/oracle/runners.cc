#include "tests/agent/oracle/runners.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros_like.h>
#include <google/protobuf/text_format.h>

#include "common/check.h"

namespace drover {

const std::map<std::string, OracleRunner>& OracleRunners() {
  static const auto* const runners = new std::map<std::string, OracleRunner>{
      {"a2c_loss", RunA2cLoss},
      {"advantage_normalization", RunAdvantageNormalization},
      {"beta_policy", RunBetaPolicy},
      {"categorical_distribution", RunCategorical},
      {"discounted_returns", RunDiscountedReturns},
      {"gae", RunGae},
      {"gae_truncation", RunGaeTruncation},
      {"gaussian_distribution", RunGaussian},
      {"gaussian_kl_penalty_loss", RunGaussianKlPenaltyLoss},
      {"global_norm_clip", RunGlobalNormClip},
      {"impala_loss", RunImpalaLoss},
      {"lambda_returns", RunLambdaReturns},
      {"nstep_returns", RunNStepReturns},
      {"per_sampling", RunPerSampling},
      {"ppo_adaptive_kl_beta", RunPpoAdaptiveKlBeta},
      {"ppo_clip_loss", RunPpoClipLoss},
      {"ppo_full_loss", RunPpoFullLoss},
      {"ppo_kl_penalty_loss", RunPpoKlPenaltyLoss},
      {"reinforce_loss", RunReinforceLoss},
      {"rmsprop_variants", RunRmsPropVariants},
      {"sac_actor_reparam", RunSacActorReparam},
      {"squashed_gaussian", RunSquashedGaussian},
      {"vtrace", RunVtrace},
      {"vtrace_from_logits", RunVtraceFromLogits},
      {"vtrace_general", RunVtraceGeneral},
  };
  return *runners;
}

Steps StepsOf(OracleInputs& in) {
  const at::Tensor reward = in.Real("rewards", "T,B");
  const at::Tensor value = in.Real("values", "T,B");
  const at::Tensor after = in.Real("bootstrap_value", "B").unsqueeze(0);
  return {reward, in.Real("discounts", "T,B"), at::zeros_like(reward), value,
          at::cat({value.slice(0, 1), after})};
}

at::Tensor Variable(const at::Tensor& tensor) { return tensor.detach().set_requires_grad(true); }

at::Tensor Number(double value) { return at::scalar_tensor(value, at::kDouble); }

Experiment DefaultsOf(const Algorithm& algorithm) {
  Experiment config;
  for (const std::string& text : algorithm.defaults) {
    DROVER_CHECK(google::protobuf::TextFormat::MergeFromString(text, &config)) << text;
  }
  return config;
}

}  // namespace drover
