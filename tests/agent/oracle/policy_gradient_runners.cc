#include <ATen/TensorOperators.h>
#include <ATen/ops/pow.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros_like.h>

#include "agent/distributions/categorical.h"
#include "agent/losses/policy_losses.h"
#include "agent/losses/reduction.h"
#include "tests/agent/oracle/runners.h"

namespace drover {

OracleOutputs RunCategorical(OracleInputs& in) {
  const at::Tensor p = Variable(in.Real("logits", "N,A"));
  const at::Tensor q = in.Real("logits_other", "N,A");
  const Categorical categorical(p.size(-1));
  const at::Tensor entropy = categorical.Entropy(p);
  entropy.sum().backward();
  return {{"probs", at::softmax(p, -1)},
          {"log_prob", categorical.LogProb(p, in.Index("actions", "N"))},
          {"entropy", entropy},
          {"kl_pq", categorical.Kl(p, q)},
          {"kl_qp", categorical.Kl(q, p)},
          {"grad_entropy_logits", p.grad()}};
}

OracleOutputs RunReinforceLoss(OracleInputs& in) {
  const at::Tensor logits = Variable(in.Real("logits", "T,B,A"));
  const at::Tensor baseline = Variable(in.Real("baseline", "T,B"));
  const at::Tensor mask = in.Real("mask", "T,B");
  const at::Tensor zero = at::zeros_like(mask);
  const at::Tensor returns =
      MonteCarloReturns({in.Real("rewards", "T,B"), in.Real("discounts", "T,B"), zero, zero, zero});
  at::Tensor advantage = returns - baseline.detach();
  if (in.Scalar("use_gamma_t") != 0) {
    advantage = advantage * at::pow(in.Scalar("gamma"), in.Real("step_in_episode", "T,B"));
  }
  const auto mean = [&mask](const at::Tensor& x) { return (x * mask).sum() / mask.sum(); };
  const at::Tensor log_prob =
      Categorical(logits.size(-1)).LogProb(logits, in.Index("actions", "T,B"));
  const at::Tensor policy_loss = mean(PolicyGradientLoss(log_prob, advantage));
  const at::Tensor baseline_loss = mean(ValueLoss(baseline, returns));
  (policy_loss + baseline_loss).backward();
  return {{"returns", returns},
          {"policy_loss", policy_loss},
          {"grad_logits", logits.grad()},
          {"baseline_loss", baseline_loss},
          {"grad_baseline", baseline.grad()}};
}

OracleOutputs RunA2cLoss(OracleInputs& in) {
  const Steps steps = StepsOf(in);
  const at::Tensor logits = Variable(in.Real("logits", "T,B,A"));
  const at::Tensor value = Variable(steps.value);
  const Categorical policy(logits.size(-1));
  const Reduce reduce(Reduction::mean);

  const at::Tensor returns = MonteCarloReturns(steps);
  const at::Tensor advantage = returns - steps.value;
  const at::Tensor log_prob = policy.LogProb(logits, in.Index("actions", "T,B"));
  LossTerms loss;
  loss.Add("policy_loss", reduce(PolicyGradientLoss(log_prob, advantage)));
  loss.Add("value_loss", reduce(ValueLoss(value, returns)), in.Scalar("value_cost"));
  loss.Add("entropy", reduce(policy.Entropy(logits)), -in.Scalar("entropy_cost"));
  loss.Total().backward();
  return {{"returns", returns},
          {"advantages", advantage},
          {"policy_loss", Number(loss.Value("policy_loss"))},
          {"value_loss", Number(loss.Value("value_loss"))},
          {"entropy", Number(loss.Value("entropy"))},
          {"total_loss", loss.Total()},
          {"grad_logits", logits.grad()},
          {"grad_values", value.grad()}};
}

}  // namespace drover
