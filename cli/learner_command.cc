#include "cli/learner_command.h"

#include <unistd.h>

#include <memory>

#include "actor/evaluate.h"
#include "cli/role_process.h"
#include "common/allocator.h"
#include "learner/learner_main.h"

namespace drover {
namespace {

struct Flags {
  LearnerOptions options;
  ProcessFlags process;
  bool replaceable = false;
};

absl::StatusOr<Evaluation> EvaluateAtEnd(const Model& model, const Experiment& experiment,
                                         const std::function<bool()>& give_up) {
  EvaluateOptions options;
  options.environment = experiment.environment();
  options.environment_options = experiment.environment_options();
  options.episodes = experiment.evaluation().episodes();
  options.seed = experiment.evaluation().seed();
  options.stop = give_up;
  return Evaluate(model, options);
}

int RunRole(Flags flags) {
  KeepFreedMemory();
  const RoleProcess process("learner", flags.process, "learner");
  if (!process.status().ok()) return Fail(process.status(), kExitBadInput);
  flags.options.stop = [&process] { return process.stop().requested(); };
  if (flags.replaceable) {
    flags.options.replaced = [&process](const absl::Status& status) {
      _exit(process.Finish(status));
    };
  }
  return process.Finish(RunLearner(flags.options, EvaluateAtEnd));
}

}  // namespace

Command AddLearner(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "learner", "one role: computes gradients");
  AddCoordinatorAddress(command, &flags->options.coordinator);
  AddHttp(command, &flags->options.http);
  AddListen(command, &flags->options.listen, &flags->options.insecure);
  AddFlag(command, "--resume", flags->options.resume, "go on from the newest checkpoint");
  AddReplaceable(command, &flags->replaceable);
  AddProcessFlags(command, &flags->process);
  return {command, [flags] { return RunRole(*flags); }};
}

}  // namespace drover
