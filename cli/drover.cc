// The executable `drover`: what needs no LibTorch. Commands that do are its sibling's,
// `drover-agent`, which it becomes for them.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "cli/bench.h"
#include "cli/certs_command.h"
#include "cli/command_line.h"
#include "cli/coordinator_command.h"
#include "cli/doctor.h"
#include "cli/down.h"
#include "cli/executables.h"
#include "cli/launch_command.h"
#include "cli/limit_command.h"
#include "cli/logs.h"
#include "cli/replay_command.h"
#include "cli/scale.h"
#include "cli/status.h"
#include "cli/top.h"
#include "cli/train.h"
#include "cli/up.h"
#include "common/open_files.h"

namespace {

// For --help; drover-agent knows their flags.
const std::vector<std::pair<std::string, std::string>>& AgentCommands() {
  static const auto* const commands = new std::vector<std::pair<std::string, std::string>>{
      {"eval", "play greedily with a checkpoint's policy"},
      {"list", "algorithms, environments or configs"},
      {"resolve", "check a config and print it complete"},
      {"devices", "what LibTorch can compute with here, as JSON"},
      {"learner", "one role: computes gradients"},
      {"actor", "one role: steps environments"},
      {"evaluator", "one role: plays greedily with the newest weights"},
  };
  return *commands;
}

int Run(int argc, char** argv) {
  drover::RaiseOpenFiles();
  CLI::App app("Drover trains reinforcement-learning agents with separate processes.", "drover");
  const std::vector<drover::Command> commands = {
      drover::AddTrain(&app),  drover::AddUp(&app),          drover::AddDown(&app),
      drover::AddScale(&app),  drover::AddStatus(&app),      drover::AddTop(&app),
      drover::AddLogs(&app),   drover::AddLimit(&app),       drover::AddBench(&app),
      drover::AddReplay(&app), drover::AddCoordinator(&app), drover::AddCertsCommand(&app),
      drover::AddLaunch(&app), drover::AddDoctor(&app)};
  for (const auto& [name, description] : AgentCommands()) {
    if (argc > 1 && argv[1] == name) {
      return drover::Fail(drover::Execute(drover::DroverAgentPath(), {argv + 1, argv + argc}),
                          drover::kExitFailed);
    }
    drover::AddCommand(&app, name, description);
  }
  return drover::RunCommand(&app, commands, argc, argv);
}

}  // namespace

int main(int argc, char** argv) {
  return drover::RunMain([&] { return Run(argc, argv); });
}
