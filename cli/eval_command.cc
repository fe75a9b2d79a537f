#include "cli/eval_command.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "actor/evaluate.h"
#include "common/logging.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "common/text_proto.h"
#include "env/registry.h"
#include "learner/checkpoint.h"
#include "learner/checkpoint_tensors.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

struct Flags {
  std::string path;
  std::optional<uint32_t> episodes;  // default: those of the run's config
  std::optional<uint64_t> seed;
  bool json = false;
};

// A checkpoint and the config of its run.
struct Policy {
  Experiment experiment;
  Checkpoint checkpoint;
};

absl::StatusOr<Policy> Find(const fs::path& path) {
  std::error_code ignored;
  const bool is_run = fs::exists(path / "config.textproto", ignored);
  // A checkpoint is <run>/checkpoints/<version>.
  const fs::path run = is_run ? path : fs::absolute(path).lexically_normal() / ".." / "..";
  if (!is_run && !fs::exists(run / "config.textproto", ignored)) {
    return absl::NotFoundError(
        absl::StrCat(path.string(), " is neither a run directory nor a checkpoint in one"));
  }
  Experiment experiment;
  DROVER_RETURN_IF_ERROR(ReadTextProto((run / "config.textproto").string(), &experiment).status());
  DROVER_ASSIGN_OR_RETURN(Checkpoint checkpoint,
                          is_run ? ReadNewestCheckpoint((run / "checkpoints").string())
                                 : ReadCheckpoint(path.string()));
  return Policy{std::move(experiment), std::move(checkpoint)};
}

absl::StatusOr<std::unique_ptr<Model>> MakeModel(const Policy& policy) {
  DROVER_ASSIGN_OR_RETURN(
      const auto environment,
      MakeEnvironment(policy.experiment.environment(), policy.experiment.environment_options()));
  DROVER_ASSIGN_OR_RETURN(
      std::unique_ptr<Model> model,
      Model::Make(policy.experiment.model(), environment->spec(), policy.experiment.seed()));
  DROVER_RETURN_IF_ERROR(LoadCheckpointWeights(policy.checkpoint, model.get()));
  return model;
}

void Print(const Evaluation& evaluation, const std::string& checkpoint, bool json) {
  if (json) {
    nlohmann::ordered_json object;
    object["episodes"] = evaluation.episodes();
    object["mean"] = evaluation.mean();
    object["std"] = evaluation.std();
    std::cout << object.dump() << std::endl;
  } else {
    std::cout << absl::StrFormat("%.2f ± %.2f over %d greedy episodes of %s\n", evaluation.mean(),
                                 evaluation.std(), evaluation.episodes(), checkpoint)
              << std::flush;
  }
}

int RunEval(const Flags& flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("eval", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  const absl::StatusOr<Policy> policy = Find(flags.path);
  if (!policy.ok()) return Fail(policy.status(), kExitBadInput);
  const absl::StatusOr<std::unique_ptr<Model>> model = MakeModel(*policy);
  if (!model.ok()) return Fail(model.status(), kExitBadInput);
  EvaluateOptions options;
  options.environment = policy->experiment.environment();
  options.environment_options = policy->experiment.environment_options();
  options.episodes = flags.episodes.value_or(policy->experiment.evaluation().episodes());
  options.seed = flags.seed.value_or(policy->experiment.evaluation().seed());
  options.stop = [&stop] { return stop.requested(); };
  const absl::StatusOr<Evaluation> evaluation = Evaluate(**model, options);
  if (!evaluation.ok()) return Fail(evaluation.status(), kExitFailed);
  Print(*evaluation, policy->checkpoint.path, flags.json);
  return kExitOk;
}

}  // namespace

Command AddEval(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "eval", "play greedily with a checkpoint's policy");
  AddOption(command, "run", flags->path, "a run directory, or one of its checkpoints")
      .Required()
      .TypeName("RUN_OR_CHECKPOINT");
  AddOption(command, "--episodes", flags->episodes, "default: as in the run's config")
      .Positive()
      .TypeName("N");
  AddOption(command, "--seed", flags->seed, "of the environments; default: as in the config")
      .TypeName("S");
  AddFlag(command, "--json", flags->json, "print {\"episodes\", \"mean\", \"std\"}");
  return {command, [flags] { return RunEval(*flags); }};
}

}  // namespace drover
