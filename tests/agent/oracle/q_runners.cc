#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/minimum.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/tanh.h>

#include <limits>
#include <string>
#include <vector>

#include "agent/distributions/categorical.h"
#include "agent/exploration/ornstein_uhlenbeck.h"
#include "agent/losses/deterministic_policy_loss.h"
#include "agent/losses/policy_losses.h"
#include "agent/returns/q_targets.h"
#include "agent/update/polyak.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

// The small networks of ddpg_update: one hidden layer of ReLU.
struct SmallNetwork {
  at::Tensor w1;
  at::Tensor b1;
  at::Tensor w2;
  at::Tensor b2;

  at::Tensor operator()(const at::Tensor& x) const {
    return at::linear(at::relu(at::linear(x, w1, b1)), w2, b2);
  }
  void AddGradients(const std::string& name, OracleOutputs* outputs) const {
    (*outputs)["grad_" + name + "_w1"] = w1.grad();
    (*outputs)["grad_" + name + "_b1"] = b1.grad();
    (*outputs)["grad_" + name + "_w2"] = w2.grad();
    (*outputs)["grad_" + name + "_b2"] = b2.grad();
  }
};

SmallNetwork ReadNetwork(OracleInputs& in, const std::string& name, const std::string& inputs,
                         const std::string& outputs) {
  return {Variable(in.Real(name + "_w1", "H," + inputs)), Variable(in.Real(name + "_b1", "H")),
          Variable(in.Real(name + "_w2", outputs + ",H")),
          Variable(in.Real(name + "_b2", outputs))};
}

at::Tensor Chosen(const at::Tensor& q, const at::Tensor& action) {
  return q.gather(-1, action.unsqueeze(-1)).squeeze(-1);
}

}  // namespace

OracleOutputs RunDpgLoss(OracleInputs& in) {
  const at::Tensor action = Variable(in.Real("actions", "N,D"));
  const at::Tensor loss =
      DeterministicPolicyLoss(action, in.Real("dq_da", "N,D"), in.Scalar("clip_norm"));
  loss.sum().backward();
  return {{"loss", loss}, {"grad_actions", action.grad()}};
}

OracleOutputs RunDdpgUpdate(OracleInputs& in) {
  const at::Tensor x = in.Real("obs", "N,S");
  const at::Tensor next_x = in.Real("next_obs", "N,S");
  const double scale = in.Scalar("action_scale");
  const SmallNetwork actor = ReadNetwork(in, "actor", "S", "D");
  const SmallNetwork critic = ReadNetwork(in, "critic", "I", "O");
  const SmallNetwork target_actor = ReadNetwork(in, "target_actor", "S", "D");
  const SmallNetwork target_critic = ReadNetwork(in, "target_critic", "I", "O");
  const auto q = [](const SmallNetwork& network, const at::Tensor& at, const at::Tensor& action) {
    return network(at::cat({at, action}, 1)).squeeze(1);
  };
  const at::Tensor next_action = (at::tanh(target_actor(next_x)) * scale).detach();
  const at::Tensor target = TdTarget(in.Real("rewards", "N"), in.Real("discounts", "N"),
                                     q(target_critic, next_x, next_action).detach());
  const at::Tensor critic_loss =
      2 * ValueLoss(q(critic, x, in.Real("actions", "N,D")), target).mean();
  critic_loss.backward();
  OracleOutputs outputs{
      {"next_actions", next_action}, {"target_q", target}, {"critic_loss", critic_loss}};
  critic.AddGradients("critic", &outputs);
  for (auto& [name, gradient] : outputs) gradient = gradient.clone();

  const at::Tensor action = at::tanh(actor(x)) * scale;
  const at::Tensor held = Variable(action);
  const at::Tensor value = q(critic, x, held);
  value.sum().backward();
  DeterministicPolicyLoss(action, held.grad(), /*clip=*/0).mean().backward();
  actor.AddGradients("actor", &outputs);
  outputs["actor_loss"] = -value.mean();
  outputs["dq_da"] = held.grad();
  return outputs;
}

OracleOutputs RunTd3Target(OracleInputs& in) {
  const at::Tensor mu = in.Real("next_mu", "N,D");
  // σ and c are in the environment's units here: noise as if these were [-1, 1], then the bounds.
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const ActionScale same(Space::Box({mu.size(1)}, -kInfinity, kInfinity));
  const at::Tensor smoothed = ActionScale(BoxOf(in)).Clip(SmoothedAction(
      same, mu, in.Real("noise", "N,D"), in.Scalar("sigma"), in.Scalar("noise_clip")));
  const at::Tensor next = at::minimum(in.Real("q1_next", "N"), in.Real("q2_next", "N"));
  const at::Tensor target = TdTarget(in.Real("rewards", "N"), in.Real("discounts", "N"), next);
  const at::Tensor q1 = Variable(in.Real("q1", "N"));
  const at::Tensor q2 = Variable(in.Real("q2", "N"));
  const at::Tensor loss = 2 * (ValueLoss(q1, target).mean() + ValueLoss(q2, target).mean());
  loss.backward();
  return {{"smoothed_action", smoothed},
          {"target_q", target},
          {"critic_loss", loss},
          {"grad_q1", q1.grad()},
          {"grad_q2", q2.grad()}};
}

OracleOutputs RunPolyakUpdate(OracleInputs& in) {
  const at::Tensor target = in.Real("target", "R,C");
  Polyak(in.Real("online", "R,C"), in.Scalar("tau"), target);
  return {{"new_target", target}};
}

OracleOutputs RunOuNoise(OracleInputs& in) {
  const at::Tensor noise = in.Real("noise", "T,D");
  const at::Tensor mean = in.Real("mu", "D");
  at::Tensor x = in.Real("x0", "D");
  OrnsteinUhlenbeck process{in.Scalar("theta"), in.Scalar("sigma"), in.Scalar("dt")};
  std::vector<at::Tensor> path;
  for (int64_t t = 0; t < noise.size(0); ++t) {
    x = x.clone();
    for (int64_t d = 0; d < x.size(0); ++d) {
      process.mean = mean[d].item<double>();
      const bool wide = x.scalar_type() == at::kDouble;
      x[d] = wide ? process.Next(x[d].item<double>(), noise[t][d].item<double>())
                  : process.Next(x[d].item<float>(), noise[t][d].item<float>());
    }
    path.push_back(x);
  }
  return {{"x", at::stack(path)}};
}

OracleOutputs RunActorCriticQ(OracleInputs& in) {
  const at::Tensor q = Variable(in.Real("q", "N,A"));
  const at::Tensor logits = Variable(in.Real("logits", "N,A"));
  const at::Tensor q_next = in.Real("q_next", "N,A");
  const at::Tensor action = in.Index("actions", "N");
  const at::Tensor reward = in.Real("rewards", "N");
  const at::Tensor discount = in.Real("discounts", "N");
  const at::Tensor taken = Chosen(q, action);
  const at::Tensor sarsa =
      TdTarget(reward, discount, Chosen(q_next, in.Index("next_actions", "N")));
  const at::Tensor expected =
      TdTarget(reward, discount, ExpectedQ(in.Real("logits_next", "N,A"), q_next));
  const at::Tensor log_prob = Categorical(q.size(1)).LogProb(logits, action);
  const at::Tensor policy_loss = PolicyGradientLoss(log_prob, taken.detach()).mean();
  const at::Tensor critic_loss = ValueLoss(taken, sarsa).mean();
  (policy_loss + critic_loss).backward();
  return {{"sarsa_td", sarsa - taken},  {"expected_sarsa_td", expected - taken},
          {"policy_loss", policy_loss}, {"grad_logits", logits.grad()},
          {"critic_loss", critic_loss}, {"grad_q", q.grad()}};
}

}  // namespace drover
