#include "agent/algorithms/d4pg.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linspace.h>

#include "agent/algorithms/ddpg.h"
#include "agent/losses/categorical_critic.h"
#include "agent/returns/categorical_projection.h"

namespace drover {
namespace {

// The critic's range is the environment's: none fits all, so a config has to say it.
constexpr char kDefaults[] = R"(
  model { critics { count: 1 atoms: 51 v_min: nan v_max: nan } }
  returns { n_step: 5 }
  loss { priority_beta { value: 1 } raw_priority_weights: true }
  exploration { sigma: 0.3 }
  replay { tables { name: "replay" sampler: prioritized priority_exponent: 1 } }
)";

at::Tensor Support(const ReplayLossInput& in) {
  const Critics& config = in.context.config.model().critics();
  return at::linspace(config.v_min(), config.v_max(), config.atoms(), in.step.reward.options());
}

LossTerms TrainCritic(const ReplayLossInput& in) {
  const at::Tensor support = Support(in);
  at::Tensor target;
  {
    const at::NoGradGuard no_grad;
    const at::Tensor& x = in.step.next_observation;
    const at::Tensor action = in.context.distribution.Mode(in.target.Policy(x));
    target =
        CategoricalTarget(in.step.reward, in.step.discount, in.target.Q(0, x, action), support);
  }
  const at::Tensor logits = in.model.Q(0, in.step.observation, in.step.action);
  const at::Tensor loss = CategoricalCrossEntropy(logits, target);
  *in.priority = loss.detach();
  LossTerms terms;
  terms.Add("critic0_loss", (in.step.weight * loss).mean());
  terms.AddStatistic("q", CategoricalMean(logits.detach(), support).mean());
  return terms;
}

LossTerms TrainPolicy(const ReplayLossInput& in) {
  const at::Tensor& x = in.step.observation;
  const at::Tensor action = GreedyAction(in, x);
  LossTerms terms;
  terms.Add("policy_loss", -CategoricalMean(in.model.FrozenQ(0, x, action), Support(in)).mean());
  return terms;
}

}  // namespace

Algorithm D4pg() {
  Algorithm d4pg = Ddpg();
  d4pg.name = "d4pg";
  d4pg.summary =
      "DDPG with a distributional critic, n steps and priorities (Barth-Maron et al. 2018)";
  d4pg.defaults.push_back(kDefaults);
  d4pg.phases[0].replay_loss = TrainCritic;
  d4pg.phases[1].replay_loss = TrainPolicy;
  return d4pg;
}

}  // namespace drover
