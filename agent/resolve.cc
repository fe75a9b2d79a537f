#include "agent/resolve.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/algorithms/table.h"
#include "agent/config_ranges.h"
#include "agent/distributions/make_distribution.h"
#include "common/check.h"
#include "common/topology.h"
#include "env/registry.h"

namespace drover {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

using MaybeError = std::optional<ConfigError>;

// What proto/experiment.proto promises where neither config nor algorithm says more.
constexpr char kDefaults[] = R"(
  seed: 1
  device: "cpu"
  actors { count: 4 environments: 16 unroll: 20 }
  learner { threads: 1 lockstep: false }
  budget { max_frames: 1000000 }
  evaluation { episodes: 100 every_frames: 0 }
  checkpoint { every_seconds: 30 keep: 3 }
  model { layers: 64 layers: 64 activation: tanh shared: false }
)";
constexpr uint32_t kMaxPolicyLag = 4;
constexpr char kLockstepDefaults[] = "learner { lockstep: true max_policy_lag: 1 }";
constexpr char kNormalizationDefaults[] = "observations: false returns: false clip: 10";
constexpr char kAdamDefaults[] = "beta1: 0.9 beta2: 0.999 epsilon: 1e-8";
constexpr char kRmsPropDefaults[] = "decay: 0.99 momentum: 0 epsilon: 1e-5 epsilon_place: outside";
constexpr char kTargetDefaults[] = "episodes: 100 source: training";
constexpr char kReplayDefaults[] = "shards: 1 durability: none snapshot_every_seconds: 60 keep: 2";
constexpr char kTableDefaults[] = R"(
  sampler: uniform remover: fifo priority_exponent: 0.6 capacity: 1000000 max_times_sampled: 0
)";
constexpr char kExplorationDefaults[] = "sigma: 0 theta: 0.15 dt: 1 uniform_frames: 0";
constexpr char kRecurrenceDefaults[] = "cell: lstm size: 64";
constexpr double kPrefetchedBatches = 4;  // of a learner, at most, with what is on its way
constexpr uint64_t kEvaluationSeedOffset = 1000000;  // keeps it apart from training's

void ParseInto(const std::string& text, Message* message) {
  DROVER_CHECK(google::protobuf::TextFormat::ParseFromString(text, message)) << text;
}

// Sets in `message` what it leaves open and `defaults` has. A list or a oneof
// that is set at all stays as it is.
void FillFrom(const Message& defaults, Message* message) {
  std::vector<const FieldDescriptor*> fields;
  defaults.GetReflection()->ListFields(defaults, &fields);
  const auto* reflection = message->GetReflection();
  for (const FieldDescriptor* field : fields) {
    const auto* choice = field->real_containing_oneof();
    const bool other_chosen = choice != nullptr && reflection->HasOneof(*message, choice) &&
                              !reflection->HasField(*message, field);
    if (other_chosen) continue;
    if (field->is_repeated()) {
      if (reflection->FieldSize(*message, field) > 0) continue;
    } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FillFrom(defaults.GetReflection()->GetMessage(defaults, field),
               reflection->MutableMessage(message, field));
      continue;
    } else if (reflection->HasField(*message, field)) {
      continue;
    }
    const std::unique_ptr<Message> one(defaults.New());
    one->CopyFrom(defaults);
    for (const FieldDescriptor* other : fields) {
      if (other != field) one->GetReflection()->ClearField(one.get(), other);
    }
    message->MergeFrom(*one);
  }
}

void FillFrom(const std::string& text, Message* message) {
  const std::unique_ptr<Message> defaults(message->New());
  ParseInto(text, defaults.get());
  FillFrom(*defaults, message);
}

Experiment AlgorithmDefaults(const Algorithm& algorithm) {
  Experiment defaults;
  for (auto text = algorithm.defaults.rbegin(); text != algorithm.defaults.rend(); ++text) {
    FillFrom(*text, &defaults);  // the child's own settings are the last
  }
  return defaults;
}

ConfigError NotUsed(const std::string& field, const Algorithm& algorithm) {
  return {field, absl::StrCat("algorithm \"", algorithm.name, "\" does not use it; take it out")};
}

// A field of `set` below `path` that the algorithm does not read.
MaybeError CheckUsed(const Message& set, const Message& read, const std::string& path,
                     const Algorithm& algorithm) {
  std::vector<const FieldDescriptor*> fields;
  set.GetReflection()->ListFields(set, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->real_containing_oneof() != nullptr) continue;  // any rule will do
    const std::string name = absl::StrCat(path, ".", field->name());
    if (!read.GetReflection()->HasField(read, field)) {
      return NotUsed(name, algorithm);
    }
  }
  return std::nullopt;
}

// Minibatches are of phases over unrolls.
bool HasMinibatches(const Algorithm& algorithm) {
  return algorithm.phases.front().replay_loss == nullptr;
}

MaybeError CheckUsed(const Experiment& set, const Experiment& read, const Algorithm& algorithm) {
  Update update = read.update();
  if (HasMinibatches(algorithm)) update.set_minibatch(1);  // its default follows from other fields
  const struct {
    const char* path;
    const Message& set;
    const Message& read;
  } parts[] = {
      {"returns", set.returns(), read.returns()},
      {"loss", set.loss(), read.loss()},
      {"update", set.update(), update},
      {"target_networks", set.target_networks(), read.target_networks()},
      {"model.critics", set.model().critics(), read.model().critics()},
  };
  for (const auto& part : parts) {
    if (auto error = CheckUsed(part.set, part.read, part.path, algorithm)) return error;
  }
  const bool on_policy = read.loss().policy_weight() != PolicyWeight::unspecified;
  const struct {
    const char* path;
    bool set;
    bool read;
  } wholes[] = {
      {"actors.whole_episodes", set.actors().has_whole_episodes(), on_policy},
      {"model.batch_norm", set.model().has_batch_norm(), read.model().has_batch_norm()},
      {"model.normalization", set.model().has_normalization(), HasMinibatches(algorithm)},
      {"model.action_values", set.model().has_action_values(), read.model().has_action_values()},
      {"exploration", set.has_exploration(), read.has_exploration()},
      {"replay", set.has_replay(), read.has_replay()}};
  for (const auto& whole : wholes) {
    if (whole.set && !whole.read) return NotUsed(whole.path, algorithm);
  }
  if (set.model().has_recurrence() && !HasMinibatches(algorithm)) {
    return ConfigError{"model.recurrence",
                       absl::StrCat("needs an algorithm that learns from whole unrolls; \"",
                                    algorithm.name, "\" learns from single steps")};
  }
  return std::nullopt;
}

MaybeError CheckTopology(const Experiment& experiment, const Algorithm& algorithm) {
  const auto& allowed = algorithm.topologies;
  if (std::find(allowed.begin(), allowed.end(), experiment.topology()) != allowed.end()) return {};
  const auto name = [](std::string* out, Topology::Kind kind) {
    out->append(Topology::Kind_Name(kind));
  };
  return ConfigError{"topology",
                     absl::StrCat("algorithm \"", algorithm.name, "\" does not run on \"",
                                  Topology::Kind_Name(experiment.topology()), "\"; allowed is ",
                                  absl::StrJoin(allowed, ", ", name))};
}

bool ActsInDiscreteSpaces(const Algorithm& algorithm) {
  const auto& allowed = algorithm.policies;
  return allowed.empty() ||
         std::find(allowed.begin(), allowed.end(), PolicyHead::categorical) != allowed.end();
}

ConfigError CannotAct(const Experiment& experiment, const Space& actions) {
  std::vector<std::string> allowed;
  for (const Algorithm& algorithm : Algorithms()) {
    if (ActsInDiscreteSpaces(algorithm)) allowed.push_back(algorithm.name);
  }
  return {"algorithm",
          absl::StrCat("is \"", experiment.algorithm(), "\", which acts with numbers; \"",
                       experiment.environment(), "\" has ", actions.n,
                       " discrete actions, in which act ", absl::StrJoin(allowed, ", "))};
}

MaybeError CheckHead(const Experiment& experiment, const Algorithm& algorithm,
                     const Space& actions) {
  if (actions.discrete() && !ActsInDiscreteSpaces(algorithm)) return CannotAct(experiment, actions);
  const auto head = MakeDistribution(actions, experiment.model());
  if (!head.ok()) {
    const bool chosen = experiment.model().policy() != PolicyHead::unspecified;
    return ConfigError{chosen ? "model.policy" : "algorithm", std::string(head.status().message())};
  }
  const auto& allowed = algorithm.policies;
  const auto policy = experiment.model().policy();
  if (allowed.empty()) {
    if (policy != PolicyHead::deterministic) return std::nullopt;
    return ConfigError{"model.policy",
                       absl::StrCat("is deterministic, but algorithm \"", algorithm.name,
                                    "\" needs the probabilities of its actions")};
  }
  if (std::find(allowed.begin(), allowed.end(), policy) != allowed.end()) return std::nullopt;
  const auto name = [](std::string* out, PolicyHead::Kind kind) {
    out->append(PolicyHead::Kind_Name(kind));
  };
  return ConfigError{"model.policy", absl::StrCat("is \"", PolicyHead::Kind_Name(policy),
                                                  "\"; algorithm \"", algorithm.name, "\" allows ",
                                                  absl::StrJoin(allowed, ", ", name))};
}

MaybeError CheckCritics(const Experiment& e) {
  const Critics& critics = e.model().critics();
  for (const auto& [name, value] :
       {std::make_pair("v_min", critics.v_min()), std::make_pair("v_max", critics.v_max())}) {
    if (critics.atoms() <= 1 || !std::isnan(value)) continue;
    return ConfigError{
        absl::StrCat("model.critics.", name),
        "is not set; v_min and v_max are the least and the largest sum of "
        "discounted rewards, times returns.reward_scale, that the environment gives"};
  }
  if (critics.atoms() > 1 && critics.v_min() >= critics.v_max()) {
    return ConfigError{"model.critics.v_max", absl::StrCat("is ", critics.v_max(), ", not above ",
                                                           "v_min, which is ", critics.v_min())};
  }
  const bool compatible = critics.kind() == Critics::Kind::compatible;
  if (compatible && (critics.count() != 1 || critics.atoms() > 1)) {
    return ConfigError{"model.critics.kind", "is compatible: that is one critic, of a number"};
  }
  if (critics.atoms() > 1 && critics.count() != 1) {
    return ConfigError{"model.critics.count", "must be 1 where a critic has atoms"};
  }
  if (compatible && e.model().batch_norm()) {
    return ConfigError{"model.batch_norm", "does not go with a compatible critic"};
  }
  if (critics.count() > 0 && e.model().shared()) {
    return ConfigError{"model.shared", "is for a policy and a value network without critics"};
  }
  return std::nullopt;
}

MaybeError CheckPolicyWeight(const Experiment& e) {
  const auto weight = e.loss().policy_weight();
  if (e.model().action_values() != (weight == PolicyWeight::q)) {
    return ConfigError{
        "model.action_values",
        absl::StrCat("goes with loss.policy_weight q, which is ", PolicyWeight::Kind_Name(weight))};
  }
  if (e.actors().whole_episodes()) return std::nullopt;
  if (weight == PolicyWeight::total_return) {
    return ConfigError{"loss.policy_weight", "is total_return: needs actors.whole_episodes"};
  }
  if (e.loss().discount_steps()) {
    return ConfigError{"loss.discount_steps", "needs actors.whole_episodes"};
  }
  return std::nullopt;
}

// What no single field can say.
MaybeError CheckTogether(const Experiment& e) {
  if (e.target().source() == Target::Source::evaluator && e.evaluation().every_frames() == 0) {
    return ConfigError{"target.source", "is evaluator, but evaluation.every_frames is 0"};
  }
  if (auto error = CheckCritics(e)) return error;
  if (auto error = CheckPolicyWeight(e)) return error;
  if (e.device() != "cpu" && e.device() != "cuda") {
    return ConfigError{"device", absl::StrCat("is \"", e.device(), "\"; allowed is cpu, cuda")};
  }
  return std::nullopt;
}

// Likewise, where batches are of unrolls that come by a queue.
MaybeError CheckQueue(const Experiment& e) {
  const uint64_t batch = e.learner().batch();
  if (batch * e.learner().max_policy_lag() < e.actors().environments()) {
    return ConfigError{
        "learner.batch",
        absl::StrCat("max_policy_lag * batch = ", batch * e.learner().max_policy_lag(),
                     " unrolls may be under way, but one actor makes ", e.actors().environments(),
                     " at a time")};
  }
  if (e.topology() == Topology::a2c && !e.learner().lockstep()) {
    return ConfigError{"learner.lockstep", "is false, but topology a2c is in lockstep"};
  }
  const uint64_t all = uint64_t{e.actors().count()} * e.actors().environments();
  if (e.learner().lockstep() && (e.learner().max_policy_lag() != 1 || batch != all)) {
    return ConfigError{
        "learner.lockstep",
        absl::StrCat("needs learner.max_policy_lag 1, which is ", e.learner().max_policy_lag(),
                     ", and a learner.batch of actors.count * actors.environments = ", all,
                     ", which is ", batch)};
  }
  const uint64_t unroll = e.actors().unroll();
  if (e.model().has_recurrence() && e.update().minibatch() % unroll != 0) {
    return ConfigError{
        "update.minibatch",
        absl::StrCat("is ", e.update().minibatch(), "; with model.recurrence a minibatch is of ",
                     "whole unrolls: a multiple of actors.unroll, which is ", unroll)};
  }
  const uint64_t steps = batch * unroll;
  if (e.update().has_minibatch() && steps % e.update().minibatch() != 0) {
    return ConfigError{"update.minibatch",
                       absl::StrCat("is ", e.update().minibatch(), ", which does not divide the ",
                                    steps, " steps of a batch (learner.batch * actors.unroll)")};
  }
  return std::nullopt;
}

// Likewise, where actors push gradients: one for each unroll's steps, made in one pass.
MaybeError CheckGradients(const Experiment& e) {
  if (e.learner().batch() != e.actors().environments()) {
    return ConfigError{
        "learner.batch",
        absl::StrCat("is ", e.learner().batch(),
                     "; on topology a3c a train step is one actor's, of ",
                     "actors.environments unrolls, which is ", e.actors().environments())};
  }
  if (e.learner().lockstep()) {
    return ConfigError{"learner.lockstep", "needs a topology where the learner computes gradients"};
  }
  if (e.update().epochs() != 1) {
    return ConfigError{"update.epochs",
                       absl::StrCat("is ", e.update().epochs(), "; topology a3c makes one pass")};
  }
  const uint64_t steps = uint64_t{e.learner().batch()} * e.actors().unroll();
  if (e.update().minibatch() != steps) {
    return ConfigError{"update.minibatch",
                       absl::StrCat("is ", e.update().minibatch(),
                                    "; on topology a3c a gradient is of the whole batch, ", steps,
                                    " steps (learner.batch * actors.unroll)")};
  }
  return std::nullopt;
}

// Likewise, where they are windows out of a replay table.
MaybeError CheckReplay(const Experiment& e) {
  if (e.replay().tables_size() != 1) {
    return ConfigError{"replay.tables", absl::StrCat("are ", e.replay().tables_size(),
                                                     "; the algorithm samples one")};
  }
  const ReplayTable& table = e.replay().tables(0);
  if (table.steps() < e.returns().n_step()) {
    return ConfigError{
        "replay.tables.steps",
        absl::StrCat("is ", table.steps(), ", but returns.n_step is ", e.returns().n_step())};
  }
  if (e.learner().lockstep()) {
    return ConfigError{"learner.lockstep", "needs a topology without replay"};
  }
  if (e.replay().shards() > e.actors().count()) {
    return ConfigError{"replay.shards",
                       absl::StrCat("is ", e.replay().shards(), ", but only ", e.actors().count(),
                                    " actors (actors.count) write to them")};
  }
  return std::nullopt;
}

void FillCoefficient(uint64_t max_frames, Coefficient* coefficient) {
  if (!coefficient->has_final()) coefficient->set_final(coefficient->value());
  if (!coefficient->has_frames()) coefficient->set_frames(max_frames);
}

// What an algorithm says of its table holds for the one that a person describes in part; who
// prioritizes and says no more gets the usual correction, annealed (Schaul et al. 2016).
void FillReplayFrom(const Experiment& defaults, Experiment* e) {
  if (defaults.replay().tables().empty()) return;
  if (e->replay().tables().empty()) e->mutable_replay()->add_tables();
  ReplayTable* table = e->mutable_replay()->mutable_tables(0);
  FillFrom(defaults.replay().tables(0), table);
  const bool prioritized = table->sampler() == SelectorConfig::prioritized;
  if (prioritized && defaults.loss().priority_beta().value() == 0 &&
      !e->loss().has_priority_beta()) {
    FillFrom("value: 0.4 final: 1", e->mutable_loss()->mutable_priority_beta());
  }
}

// As many samples as make one train step for each step inserted.
void FillReplay(Experiment* e) {
  FillFrom(kReplayDefaults, e->mutable_replay());
  for (ReplayTable& table : *e->mutable_replay()->mutable_tables()) {
    if (!table.has_steps()) table.set_steps(e->returns().n_step());
    FillFrom(kTableDefaults, &table);
    RateLimitConfig* limit = table.mutable_rate_limit();
    if (!limit->has_min_size()) {
      // Of each server: they share what the run explores uniformly.
      const uint64_t shards = std::max(1U, e->replay().shards());
      const auto first =
          std::max<uint64_t>(1, (e->exploration().uniform_frames() + shards - 1) / shards);
      limit->set_min_size(static_cast<uint32_t>(std::min<uint64_t>(first, table.capacity())));
    }
    if (!limit->has_samples_per_insert()) limit->set_samples_per_insert(e->learner().batch());
    if (!limit->has_error_buffer() && !limit->has_min_diff() && !limit->has_max_diff()) {
      const double message = e->actors().unroll() * e->actors().environments();
      limit->set_error_buffer(limit->samples_per_insert() * message * 2 +
                              e->learner().batch() * kPrefetchedBatches);
    }
  }
}

void FillExploration(Exploration* exploration) {
  FillFrom(kExplorationDefaults, exploration);
  if (!exploration->has_sigma_last()) exploration->set_sigma_last(exploration->sigma());
}

// The defaults that follow from other fields.
void FillDerived(const Algorithm& algorithm, Experiment* e) {
  // A version is made of one actor's unrolls where it pushes a gradient of them, else of all's;
  // then as many versions as there are other actors are made meanwhile.
  const bool pushes = PushesGradients(*e);
  if (!e->learner().has_batch()) {
    e->mutable_learner()->set_batch((pushes ? 1 : e->actors().count()) *
                                    e->actors().environments());
  }
  if (!e->learner().has_max_policy_lag()) {
    e->mutable_learner()->set_max_policy_lag((pushes ? e->actors().count() : 1) * kMaxPolicyLag);
  }
  if (UsesReplay(*e)) FillReplay(e);
  if (e->model().has_recurrence()) {
    FillFrom(kRecurrenceDefaults, e->mutable_model()->mutable_recurrence());
  }
  if (e->has_exploration()) FillExploration(e->mutable_exploration());
  if (HasMinibatches(algorithm) && !e->update().has_minibatch()) {
    e->mutable_update()->set_minibatch(e->learner().batch() * e->actors().unroll());
  }
  if (!e->evaluation().has_seed()) {
    e->mutable_evaluation()->set_seed(kEvaluationSeedOffset + e->seed());
  }
  if (e->has_target()) FillFrom(kTargetDefaults, e->mutable_target());
  if (e->model().has_normalization()) {
    FillFrom(kNormalizationDefaults, e->mutable_model()->mutable_normalization());
  }
  Update* update = e->mutable_update();
  if (update->has_adam()) FillFrom(kAdamDefaults, update->mutable_adam());
  if (update->has_rmsprop()) FillFrom(kRmsPropDefaults, update->mutable_rmsprop());
  const uint64_t max_frames = e->budget().max_frames();
  FillCoefficient(max_frames, update->mutable_rate());
  if (update->has_policy_rate()) {
    if (update->policy_rate().has_value()) {
      FillCoefficient(max_frames, update->mutable_policy_rate());
    } else {
      FillFrom(update->rate(), update->mutable_policy_rate());
    }
  }
  Loss* loss = e->mutable_loss();
  if (loss->has_entropy()) FillCoefficient(max_frames, loss->mutable_entropy());
  if (loss->has_clip()) FillCoefficient(max_frames, loss->mutable_clip());
  if (loss->has_priority_beta()) FillCoefficient(max_frames, loss->mutable_priority_beta());
}

}  // namespace

MaybeError ResolveExperiment(Experiment* experiment) {
  const auto algorithm = FindAlgorithm(experiment->algorithm());
  if (!algorithm.ok()) return ConfigError{"algorithm", std::string(algorithm.status().message())};
  if (auto error = CheckRanges(*experiment)) return error;
  const auto environment =
      MakeEnvironment(experiment->environment(), experiment->environment_options());
  if (!environment.ok()) {
    const bool known = absl::IsInvalidArgument(environment.status());
    return ConfigError{known ? "environment_options.length" : "environment",
                       std::string(environment.status().message())};
  }
  const Experiment defaults = AlgorithmDefaults(**algorithm);
  if (auto error = CheckUsed(*experiment, defaults, **algorithm)) return error;
  const Space& actions = (*environment)->spec().action;
  if (defaults.loss().has_target_entropy() && !experiment->loss().has_target_entropy()) {
    experiment->mutable_loss()->set_target_entropy(-static_cast<double>(actions.elements()));
  }
  FillReplayFrom(defaults, experiment);
  FillFrom(defaults, experiment);
  if (experiment->topology() == Topology::unspecified) {
    experiment->set_topology((*algorithm)->topologies.front());
  }
  if (experiment->topology() == Topology::a2c) FillFrom(kLockstepDefaults, experiment);
  FillFrom(kDefaults, experiment);
  FillDerived(**algorithm, experiment);
  if (auto error = CheckTopology(*experiment, **algorithm)) return error;
  if (auto error = CheckHead(*experiment, **algorithm, actions)) return error;
  if (auto error = CheckTogether(*experiment)) return error;
  if (UsesReplay(*experiment)) return CheckReplay(*experiment);
  return PushesGradients(*experiment) ? CheckGradients(*experiment) : CheckQueue(*experiment);
}

}  // namespace drover
