#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/round.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <algorithm>

#include "agent/losses/categorical_critic.h"
#include "agent/returns/categorical_projection.h"
#include "agent/transition.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

// The window of a stream [T, B] that starts at step t. Observations are the number of the step
// that led to them, so that they tell which one is bootstrapped from.
Batch Window(const at::Tensor& reward, const at::Tensor& end, int64_t t, int64_t steps) {
  const int64_t columns = reward.size(1);
  const at::Tensor row = at::arange(t - 1, t + steps, reward.options()).unsqueeze(1);
  Batch batch;
  batch.observation = row.expand({steps + 1, columns}).clone();
  batch.reward = reward.narrow(0, t, steps);
  batch.end = end.narrow(0, t, steps);
  batch.action = batch.reward;
  batch.final_position =
      (batch.end == static_cast<int64_t>(End::kTruncated)).flatten().nonzero().flatten();
  const at::Tensor next = batch.observation.narrow(0, 1, steps);
  batch.final_observation = next.flatten().index_select(0, batch.final_position).clone();
  // What stands in the next row there is another episode's.
  next.copy_(at::where(batch.end == static_cast<int64_t>(End::kTruncated), -1000.0, next));
  return batch;
}

}  // namespace

OracleOutputs RunNStepTransitions(OracleInputs& in) {
  const at::Tensor reward = in.Real("rewards", "T,B");
  const at::Tensor terminated = in.Index("terminated", "T,B");
  const at::Tensor truncated = in.Index("truncated", "T,B") * (1 - terminated);
  const at::Tensor end = (terminated * static_cast<int64_t>(End::kTerminated) +
                          truncated * static_cast<int64_t>(End::kTruncated))
                             .to(at::kByte);
  const auto n = static_cast<int64_t>(in.Scalar("n"));
  Returns config;
  config.set_gamma(in.Scalar("gamma"));
  config.set_reward_scale(1);
  std::vector<at::Tensor> rewards;
  std::vector<at::Tensor> discounts;
  std::vector<at::Tensor> indices;
  std::vector<at::Tensor> counts;
  for (int64_t t = 0; t < reward.size(0); ++t) {
    const int64_t steps = std::min(n, reward.size(0) - t);  // a window ends where the stream does
    config.set_n_step(static_cast<uint32_t>(steps));
    const Transition step = MakeTransition(Window(reward, end, t, steps), config);
    rewards.push_back(step.reward);
    discounts.push_back(step.discount);
    indices.push_back(step.next_observation.round().to(at::kLong));
    counts.push_back(indices.back() - t + 1);
  }
  return {{"nstep_reward", at::stack(rewards)},
          {"nstep_discount", at::stack(discounts)},
          {"bootstrap_index", at::stack(indices)},
          {"count", at::stack(counts)}};
}

OracleOutputs RunCategoricalProjection(OracleInputs& in) {
  return {{"projected", ProjectCategorical(in.Real("atoms", "N,S"), in.Real("probs", "N,S"),
                                           in.Real("support", "K"))}};
}

OracleOutputs RunD4pgCriticLoss(OracleInputs& in) {
  const at::Tensor support = in.Real("atoms", "K");
  const at::Tensor logits = Variable(in.Real("logits", "N,K"));
  const at::Tensor next_logits = in.Real("next_logits", "N,K");
  const at::Tensor target =
      CategoricalTarget(in.Real("rewards", "N"), in.Real("discounts", "N"), next_logits, support);
  const at::Tensor cross_entropy = CategoricalCrossEntropy(logits, target);
  const at::Tensor loss = (in.Real("weights", "N") * cross_entropy).mean();
  loss.backward();
  const at::Tensor acting = Variable(logits);
  (-CategoricalMean(acting, support).mean()).backward();
  return {{"target_probs", target},
          {"cross_entropy", cross_entropy},
          {"kl", CategoricalDivergence(logits, target)},
          {"weighted_loss", loss},
          {"grad_logits", logits.grad()},
          {"q_mean", CategoricalMean(logits, support)},
          {"next_q_mean", CategoricalMean(next_logits, support)},
          {"grad_actor_objective_logits", acting.grad()}};
}

}  // namespace drover
