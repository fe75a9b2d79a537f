#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/log_sigmoid.h>

#include <limits>
#include <string>
#include <vector>

#include "agent/distributions/beta.h"
#include "agent/distributions/gaussian.h"
#include "agent/distributions/squashed_gaussian.h"
#include "agent/losses/policy_losses.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

Space Unbounded(int64_t size) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return Space::Box({size}, -kInfinity, kInfinity);
}

// Parameters [N, 2D] of a log σ [D] or [N, D].
at::Tensor Joined(const at::Tensor& mean, const at::Tensor& second) {
  return at::cat({mean, second.expand_as(mean)}, -1);
}

}  // namespace

OracleOutputs RunGaussian(OracleInputs& in) {
  const at::Tensor mean = Variable(in.Real("mean", "N,D"));
  const at::Tensor log_std = Variable(in.Real("log_std", "D"));
  const Gaussian gaussian(Unbounded(mean.size(1)));
  const at::Tensor p = Joined(mean, log_std);
  const at::Tensor q = Joined(in.Real("mean_other", "N,D"), in.Real("log_std_other", "D"));
  const at::Tensor log_prob = gaussian.LogProb(p, in.Real("actions", "N,D"));
  log_prob.sum().backward();
  return {{"log_prob", log_prob},       {"entropy", gaussian.Entropy(p)},
          {"kl_pq", gaussian.Kl(p, q)}, {"kl_qp", gaussian.Kl(q, p)},
          {"grad_mean", mean.grad()},   {"grad_log_std", log_std.grad()}};
}

OracleOutputs RunGaussianKlPenaltyLoss(OracleInputs& in) {
  const at::Tensor old = Joined(in.Real("mean_old", "N,D"), in.Real("log_std_old", "D"));
  const at::Tensor action = in.Real("actions", "N,D");
  const at::Tensor advantage = in.Real("advantages", "N");
  const Gaussian gaussian(Unbounded(action.size(1)));
  OracleOutputs outputs;
  for (const std::string direction : {"forward", "reverse"}) {
    const at::Tensor mean = Variable(in.Real("mean", "N,D"));
    const at::Tensor log_std = Variable(in.Real("log_std", "D"));
    const at::Tensor p = Joined(mean, log_std);
    const at::Tensor ratio = (gaussian.LogProb(p, action) - gaussian.LogProb(old, action)).exp();
    const at::Tensor kl =
        (direction == "forward" ? gaussian.Kl(old, p) : gaussian.Kl(p, old)).mean();
    const at::Tensor loss = SurrogateLoss(ratio, advantage).mean() + kl * in.Scalar("beta");
    loss.backward();
    outputs["ratio"] = ratio;
    outputs["loss_" + direction] = loss;
    outputs["kl_" + direction] = kl;
    outputs["grad_mean_" + direction] = mean.grad();
    outputs["grad_log_std_" + direction] = log_std.grad();
  }
  return outputs;
}

OracleOutputs RunSquashedGaussian(OracleInputs& in) {
  const at::Tensor mean = Variable(in.Real("mean", "N,D"));
  const at::Tensor log_std = Variable(in.Real("log_std_raw", "N,D"));
  const at::Tensor noise = in.Real("noise", "N,D");
  const double low = in.Scalar("log_std_min");
  const double high = in.Scalar("log_std_max");
  const SquashedGaussian policy(BoxOf(in), low, high);
  const Distribution::Draw draw = policy.Reparameterize(Joined(mean, log_std), noise);
  draw.log_prob.sum().backward({}, /*keep_graph=*/true);
  const at::Tensor by_mean = mean.grad().clone();
  const at::Tensor by_log_std = log_std.grad().clone();
  mean.mutable_grad().zero_();
  draw.action.sum().backward();
  return {{"pre_tanh", mean + log_std.clamp(low, high).exp() * noise},
          {"action", draw.action},
          {"log_prob", draw.log_prob},
          {"grad_logp_mean", by_mean},
          {"grad_logp_log_std", by_log_std},
          {"grad_action_mean", mean.grad()}};
}

OracleOutputs RunBetaPolicy(OracleInputs& in) {
  const at::Tensor raw_alpha = Variable(in.Real("raw_alpha", "N,D"));
  const at::Tensor raw_beta = Variable(in.Real("raw_beta", "N,D"));
  const at::Tensor old = Joined(in.Real("raw_alpha_old", "N,D"), in.Real("raw_beta_old", "N,D"));
  const Space box = BoxOf(in);
  const Beta policy(box);
  const at::Tensor action = ActionScale(box).ToAction(in.Real("unit_action", "N,D") * 2 - 1);
  const at::Tensor p = Joined(raw_alpha, raw_beta);
  const at::Tensor log_prob = policy.LogProb(p, action);
  log_prob.sum().backward();
  return {{"alpha", 1 - at::log_sigmoid(-raw_alpha)},
          {"beta", 1 - at::log_sigmoid(-raw_beta)},
          {"action", action},
          {"mean_action", policy.Mode(p)},
          {"log_prob", log_prob},
          {"entropy", policy.Entropy(p)},
          {"kl_old_new", policy.Kl(old, p)},
          {"kl_new_old", policy.Kl(p, old)},
          {"grad_raw_alpha", raw_alpha.grad()},
          {"grad_raw_beta", raw_beta.grad()}};
}

OracleOutputs RunSacActorReparam(OracleInputs& in) {
  const at::Tensor mean = Variable(in.Real("mean", "N,D"));
  const at::Tensor log_std = Variable(in.Real("log_std", "N,D"));
  const SquashedGaussian policy(Space::Box({mean.size(1)}, -1, 1), -20, 2);
  const Distribution::Draw draw =
      policy.Reparameterize(Joined(mean, log_std), in.Real("noise", "N,D"));
  const at::Tensor away = draw.action - in.Real("q_centre", "N,D");
  const at::Tensor q = -(in.Real("q_weight", "N,D") * away.square()).sum(-1);
  const at::Tensor loss = (draw.log_prob * in.Scalar("alpha") - q).mean();
  loss.backward();
  return {{"action", draw.action},
          {"log_prob", draw.log_prob},
          {"loss", loss},
          {"grad_mean", mean.grad()},
          {"grad_log_std", log_std.grad()}};
}

}  // namespace drover
