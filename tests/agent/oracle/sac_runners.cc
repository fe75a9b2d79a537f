#include <ATen/TensorOperators.h>
#include <ATen/ops/minimum.h>

#include "agent/losses/policy_losses.h"
#include "agent/losses/sac_losses.h"
#include "agent/returns/q_targets.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

// A loss of log α and its gradient.
struct Temperature {
  at::Tensor loss;
  at::Tensor gradient;

  Temperature(OracleInputs& in,
              at::Tensor (*function)(const at::Tensor&, const at::Tensor&, double)) {
    const at::Tensor log_alpha = Variable(in.Real("log_alpha", ""));
    loss = function(log_alpha, in.Real("logp_pi", "N"), in.Scalar("target_entropy")).mean();
    loss.backward();
    gradient = log_alpha.grad();
  }
};

}  // namespace

OracleOutputs RunSacLosses(OracleInputs& in) {
  const at::Tensor alpha = in.Real("log_alpha", "").exp();
  const at::Tensor next = at::minimum(in.Real("q1_next", "N"), in.Real("q2_next", "N"));
  const at::Tensor target = TdTarget(in.Real("rewards", "N"), in.Real("discounts", "N"),
                                     SoftValue(next, in.Real("logp_next", "N"), alpha));
  const at::Tensor q1 = Variable(in.Real("q1", "N"));
  const at::Tensor q2 = Variable(in.Real("q2", "N"));
  const at::Tensor q1_loss = ValueLoss(q1, target).mean();
  const at::Tensor q2_loss = ValueLoss(q2, target).mean();
  (q1_loss + q2_loss).backward();

  const at::Tensor q1_pi = Variable(in.Real("q1_pi", "N"));
  const at::Tensor q2_pi = Variable(in.Real("q2_pi", "N"));
  const at::Tensor log_prob = Variable(in.Real("logp_pi", "N"));
  const at::Tensor actor_loss = SoftPolicyLoss(at::minimum(q1_pi, q2_pi), log_prob, alpha).mean();
  actor_loss.backward();

  const Temperature paper(in, PaperTemperatureLoss);
  const Temperature code(in, TemperatureLoss);
  return {{"target_q", target},
          {"q1_loss", q1_loss},
          {"q2_loss", q2_loss},
          {"grad_q1", q1.grad()},
          {"grad_q2", q2.grad()},
          {"actor_loss", actor_loss},
          {"grad_logp_pi", log_prob.grad()},
          {"grad_q1_pi", q1_pi.grad()},
          {"grad_q2_pi", q2_pi.grad()},
          {"alpha_loss", paper.loss},
          {"grad_log_alpha", paper.gradient},
          {"alpha_loss_log", code.loss},
          {"grad_log_alpha_log", code.gradient}};
}

OracleOutputs RunSacVNetworkLosses(OracleInputs& in) {
  const at::Tensor alpha = in.Real("alpha", "");
  const at::Tensor v = Variable(in.Real("v", "N"));
  const at::Tensor q1 = Variable(in.Real("q1", "N"));
  const at::Tensor q_pi = at::minimum(in.Real("q1_pi", "N"), in.Real("q2_pi", "N"));
  const at::Tensor log_prob = in.Real("logp_pi", "N");
  const at::Tensor v_target = SoftValue(q_pi, log_prob, alpha);
  const at::Tensor v_loss = ValueLoss(v, v_target).mean();
  const at::Tensor q_target =
      TdTarget(in.Real("rewards", "N"), in.Real("discounts", "N"), in.Real("target_v_next", "N"));
  const at::Tensor q_loss = ValueLoss(q1, q_target).mean();
  (v_loss + q_loss).backward();
  return {{"v_target", v_target},
          {"v_loss", v_loss},
          {"grad_v", v.grad()},
          {"q_target", q_target},
          {"q1_loss", q_loss},
          {"grad_q1", q1.grad()},
          {"policy_objective", SoftPolicyLoss(q_pi, log_prob, alpha).mean()}};
}

}  // namespace drover
