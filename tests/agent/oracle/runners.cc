#include "tests/agent/oracle/runners.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros_like.h>
#include <google/protobuf/text_format.h>

#include <vector>

#include "common/check.h"

namespace drover {
namespace {

std::vector<float> Floats(const at::Tensor& values) {
  const at::Tensor dense = values.to(at::kFloat).contiguous();
  const auto* first = dense.const_data_ptr<float>();
  return {first, first + dense.numel()};
}

}  // namespace

const std::map<std::string, OracleRunner>& OracleRunners() {
  static const auto* const runners = new std::map<std::string, OracleRunner>{
      {"a2c_loss", RunA2cLoss},
      {"actor_critic_q", RunActorCriticQ},
      {"advantage_normalization", RunAdvantageNormalization},
      {"beta_policy", RunBetaPolicy},
      {"categorical_distribution", RunCategorical},
      {"categorical_projection", RunCategoricalProjection},
      {"d4pg_critic_loss", RunD4pgCriticLoss},
      {"ddpg_update", RunDdpgUpdate},
      {"discounted_returns", RunDiscountedReturns},
      {"dpg_loss", RunDpgLoss},
      {"gae", RunGae},
      {"gae_truncation", RunGaeTruncation},
      {"gaussian_distribution", RunGaussian},
      {"gaussian_kl_penalty_loss", RunGaussianKlPenaltyLoss},
      {"global_norm_clip", RunGlobalNormClip},
      {"impala_loss", RunImpalaLoss},
      {"lambda_returns", RunLambdaReturns},
      {"leaky_vtrace", RunLeakyVtrace},
      {"nstep_returns", RunNStepReturns},
      {"nstep_transitions", RunNStepTransitions},
      {"ou_noise", RunOuNoise},
      {"polyak_update", RunPolyakUpdate},
      {"per_sampling", RunPerSampling},
      {"ppo_adaptive_kl_beta", RunPpoAdaptiveKlBeta},
      {"ppo_clip_loss", RunPpoClipLoss},
      {"ppo_full_loss", RunPpoFullLoss},
      {"ppo_kl_penalty_loss", RunPpoKlPenaltyLoss},
      {"reinforce_loss", RunReinforceLoss},
      {"reward_scaling", RunRewardScaling},
      {"rmsprop_variants", RunRmsPropVariants},
      {"running_mean_std", RunRunningMeanStd},
      {"sac_actor_reparam", RunSacActorReparam},
      {"sac_losses", RunSacLosses},
      {"sac_v_network_losses", RunSacVNetworkLosses},
      {"squashed_gaussian", RunSquashedGaussian},
      {"td3_target", RunTd3Target},
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

Space BoxOf(OracleInputs& in) {
  const std::vector<float> low = Floats(in.Real("low", "D"));
  return Space::Box({static_cast<int64_t>(low.size())}, low, Floats(in.Real("high", "D")));
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
