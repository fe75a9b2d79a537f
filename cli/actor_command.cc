#include "cli/actor_command.h"

#include <memory>

#include "absl/strings/str_cat.h"
#include "actor/actor_main.h"
#include "cli/role_process.h"

namespace drover {
namespace {

struct Flags {
  ActorOptions options;
  ProcessFlags process;
};

using RunFunction = absl::Status (*)(const ActorOptions&);

int RunRole(Flags flags, const std::string& name, RunFunction run) {
  const bool numbered = !flags.options.any_index;
  const RoleProcess process(numbered ? absl::StrCat(name, "-", flags.options.index) : name,
                            flags.process, "actor");
  if (!process.status().ok()) return Fail(process.status(), kExitBadInput);
  flags.options.stop = [&process] { return process.stop().requested(); };
  return process.Finish(run(flags.options));
}

Command AddRole(CLI::App* app, const std::string& name, const std::string& description,
                RunFunction run) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, name, description);
  AddCoordinatorAddress(command, &flags->options.coordinator);
  AddOption(command, "--index", flags->options.index, "0, 1, … among those of the role")
      .TypeName("I");
  if (name == "actor") {
    AddFlag(command, "--any_index", flags->options.any_index,
            "the coordinator numbers it: for launchers that start many alike");
  }
  AddProcessFlags(command, &flags->process);
  return {command, [flags, name, run] { return RunRole(*flags, name, run); }};
}

}  // namespace

Command AddActor(CLI::App* app) {
  return AddRole(app, "actor", "one role: steps environments", RunActor);
}

Command AddEvaluator(CLI::App* app) {
  return AddRole(app, "evaluator", "one role: plays greedily with the newest weights",
                 RunEvaluator);
}

}  // namespace drover
