#include "agent/resolve.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "agent/algorithms/table.h"
#include "agent/config_ranges.h"
#include "agent/model/heads.h"
#include "common/check.h"
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
  learner { max_policy_lag: 4 threads: 1 lockstep: false }
  budget { max_frames: 1000000 }
  evaluation { episodes: 100 every_frames: 0 }
  checkpoint { every_seconds: 30 keep: 3 }
  model { layers: 64 layers: 64 activation: tanh shared: false }
)";
constexpr char kAdamDefaults[] = "beta1: 0.9 beta2: 0.999 epsilon: 1e-8";
constexpr char kRmsPropDefaults[] = "decay: 0.99 momentum: 0 epsilon: 1e-5 epsilon_place: outside";
constexpr char kTargetDefaults[] = "episodes: 100 source: training";
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

// A field of `set` below `path` that the algorithm does not read.
MaybeError CheckUsed(const Message& set, const Message& read, const std::string& path,
                     const Algorithm& algorithm) {
  std::vector<const FieldDescriptor*> fields;
  set.GetReflection()->ListFields(set, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->real_containing_oneof() != nullptr) continue;  // any rule will do
    const std::string name = absl::StrCat(path, ".", field->name());
    if (!read.GetReflection()->HasField(read, field)) {
      return ConfigError{
          name, absl::StrCat("algorithm \"", algorithm.name, "\" does not use it; take it out")};
    }
  }
  return std::nullopt;
}

MaybeError CheckUsed(const Experiment& set, const Experiment& read, const Algorithm& algorithm) {
  if (auto error = CheckUsed(set.returns(), read.returns(), "returns", algorithm)) return error;
  if (auto error = CheckUsed(set.loss(), read.loss(), "loss", algorithm)) return error;
  Update update = read.update();
  update.set_minibatch(1);  // every train step reads it; what it defaults to follows from others
  return CheckUsed(set.update(), update, "update", algorithm);
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

// What no single field can say.
MaybeError CheckTogether(const Experiment& e) {
  const uint64_t batch = e.learner().batch();
  if (batch * e.learner().max_policy_lag() < e.actors().environments()) {
    return ConfigError{
        "learner.batch",
        absl::StrCat("max_policy_lag * batch = ", batch * e.learner().max_policy_lag(),
                     " unrolls may be under way, but one actor makes ", e.actors().environments(),
                     " at a time")};
  }
  const uint64_t all = uint64_t{e.actors().count()} * e.actors().environments();
  if (e.learner().lockstep() && (e.learner().max_policy_lag() != 1 || batch != all)) {
    return ConfigError{
        "learner.lockstep",
        absl::StrCat("needs learner.max_policy_lag 1, which is ", e.learner().max_policy_lag(),
                     ", and a learner.batch of actors.count * actors.environments = ", all,
                     ", which is ", batch)};
  }
  const uint64_t steps = batch * e.actors().unroll();
  if (steps % e.update().minibatch() != 0) {
    return ConfigError{"update.minibatch",
                       absl::StrCat("is ", e.update().minibatch(), ", which does not divide the ",
                                    steps, " steps of a batch (learner.batch * actors.unroll)")};
  }
  if (e.target().source() == Target::Source::evaluator && e.evaluation().every_frames() == 0) {
    return ConfigError{"target.source", "is evaluator, but evaluation.every_frames is 0"};
  }
  if (e.device() != "cpu" && e.device() != "cuda") {
    return ConfigError{"device", absl::StrCat("is \"", e.device(), "\"; allowed is cpu, cuda")};
  }
  return std::nullopt;
}

void FillCoefficient(uint64_t max_frames, Coefficient* coefficient) {
  if (!coefficient->has_final()) coefficient->set_final(coefficient->value());
  if (!coefficient->has_frames()) coefficient->set_frames(max_frames);
}

// The defaults that follow from other fields.
void FillDerived(Experiment* e) {
  if (!e->learner().has_batch()) {
    e->mutable_learner()->set_batch(e->actors().count() * e->actors().environments());
  }
  if (!e->update().has_minibatch()) {
    e->mutable_update()->set_minibatch(e->learner().batch() * e->actors().unroll());
  }
  if (!e->evaluation().has_seed()) {
    e->mutable_evaluation()->set_seed(kEvaluationSeedOffset + e->seed());
  }
  if (e->has_target()) FillFrom(kTargetDefaults, e->mutable_target());
  Update* update = e->mutable_update();
  if (update->has_adam()) FillFrom(kAdamDefaults, update->mutable_adam());
  if (update->has_rmsprop()) FillFrom(kRmsPropDefaults, update->mutable_rmsprop());
  const uint64_t max_frames = e->budget().max_frames();
  FillCoefficient(max_frames, update->mutable_rate());
  if (e->loss().has_entropy()) FillCoefficient(max_frames, e->mutable_loss()->mutable_entropy());
  if (e->loss().has_clip()) FillCoefficient(max_frames, e->mutable_loss()->mutable_clip());
}

}  // namespace

MaybeError ResolveExperiment(Experiment* experiment) {
  const auto algorithm = FindAlgorithm(experiment->algorithm());
  if (!algorithm.ok()) return ConfigError{"algorithm", std::string(algorithm.status().message())};
  const auto environment = MakeEnvironment(experiment->environment());
  if (!environment.ok()) {
    return ConfigError{"environment", std::string(environment.status().message())};
  }
  if (auto error = CheckRanges(*experiment)) return error;
  const Experiment defaults = AlgorithmDefaults(**algorithm);
  if (auto error = CheckUsed(*experiment, defaults, **algorithm)) return error;
  FillFrom(defaults, experiment);
  FillFrom(kDefaults, experiment);
  if (experiment->topology() == Topology::unspecified) {
    experiment->set_topology((*algorithm)->topologies.front());
  }
  FillDerived(experiment);
  if (auto error = CheckTopology(*experiment, **algorithm)) return error;
  const auto head = MakePolicyHead((*environment)->spec().action);
  if (!head.ok()) return ConfigError{"algorithm", std::string(head.status().message())};
  return CheckTogether(*experiment);
}

}  // namespace drover
