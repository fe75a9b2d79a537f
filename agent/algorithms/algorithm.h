#ifndef DROVER_AGENT_ALGORITHMS_ALGORITHM_H_
#define DROVER_AGENT_ALGORITHMS_ALGORITHM_H_

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <vector>

#include "agent/batch.h"
#include "agent/losses/loss_terms.h"
#include "agent/model/model.h"
#include "agent/noise.h"
#include "agent/returns/returns.h"
#include "agent/transition.h"
#include "proto/experiment.pb.h"

namespace drover {

using TensorMap = std::map<std::string, at::Tensor>;
using Statistics = std::map<std::string, double>;

// What a targets function sees: a batch and what the current model says about
// it. Nothing in it carries gradients.
struct TargetsInput {
  const Experiment& config;
  const Batch& batch;
  const Steps& steps;       // rewards, discounts, values
  at::Tensor policy;        // [T, B, A] distribution parameters
  at::Tensor log_prob;      // [T, B] log π(a|x) of the actions taken
  at::Tensor action_value;  // [T, B, n] Q(x, ·), where the model has them
};

// What stays the same for all steps of a train step.
struct LossContext {
  const Experiment& config;
  const Distribution& distribution;
  uint64_t trained_frames;  // before this train step, for schedules
  double kl_beta = 0;       // the weight of Loss.kl now
};

// What a loss function sees: the steps of one minibatch, M of them. `policy`
// and `value` carry gradients, the rest does not.
struct LossInput {
  const LossContext& context;
  at::Tensor policy;              // [M, A]
  at::Tensor value;               // [M]
  at::Tensor action;              // [M] or [M, D]
  at::Tensor behaviour_log_prob;  // [M] log μ(a|x), as recorded by the actor
  TensorMap targets;              // each [M, …]: what the targets function returned
  at::Tensor action_value;        // [M, n], where the model has them; then `value` has no gradient
  at::Tensor mask;                // [M] 1 for a step that counts, else 0; undefined: all do
};

// What the loss of a phase over transitions sees. What it takes from `target` and `step` carries no
// gradient: the train step forbids it.
struct ReplayLossInput {
  const LossContext& context;
  const Model& model;      // with gradients, of which the phase's group is moved
  const Model& target;     // lagged copies of its networks
  const Transition& step;  // B of them
  Noise* noise;
  at::Tensor* priority;  // [B] for prioritized replay, >= 0: the phase that knows sets it
};

// A loss, the targets it aims at, and the parameters it moves: PPO has one,
// PPG two, TD3 two. How often, with which rule and in which minibatches is config.
// A phase over unrolls has `targets` and `loss`, one over transitions, replayed or not,
// `replay_loss`.
struct Phase {
  std::string name;
  // Once a batch. Each entry is [T, B, …] and is split into minibatches as the
  // steps are.
  TensorMap (*targets)(const TargetsInput&) = nullptr;
  LossTerms (*loss)(const LossInput&) = nullptr;
  LossTerms (*replay_loss)(const ReplayLossInput&) = nullptr;
  ParameterGroup group = ParameterGroup::kAll;
};

// A phase over transitions.
inline Phase TransitionPhase(const std::string& name, LossTerms (*loss)(const ReplayLossInput&),
                             ParameterGroup group) {
  return {name, nullptr, nullptr, loss, group};
}

// An algorithm is a value that names its parts. The next one is its parent's
// value with some parts replaced (CONTRIBUTING.md shows one).
struct Algorithm {
  std::string name;                        // as in Experiment.algorithm
  std::string summary;                     // one line, with the paper
  std::vector<Topology::Kind> topologies;  // it may run on; the first is the default
  // An Experiment as text: the algorithm's own settings. Of the messages
  // returns, loss and update it must name every field that the algorithm
  // reads: one that is absent here is refused in a config.
  std::vector<std::string> defaults;  // applied in order, so that a child adds to its parent's
  std::vector<Phase> phases;          // one whose group the model lacks does nothing
  // That it can train (ModelConfig.policy); none: every one that has probabilities.
  std::vector<PolicyHead::Kind> policies = {};
};

}  // namespace drover

#endif  // DROVER_AGENT_ALGORITHMS_ALGORITHM_H_
