// The executable `drover-agent`: the commands that need LibTorch. People start it as `drover`.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <vector>

#include "cli/actor_command.h"
#include "cli/command_line.h"
#include "cli/devices_command.h"
#include "cli/eval_command.h"
#include "cli/learner_command.h"
#include "cli/list_command.h"
#include "cli/resolve_command.h"
#include "common/open_files.h"

namespace {

int Run(int argc, char** argv) {
  drover::RaiseOpenFiles();
  CLI::App app("Drover's part that needs LibTorch; start it as `drover`.", "drover");
  const std::vector<drover::Command> commands = {
      drover::AddEval(&app),    drover::AddList(&app),  drover::AddResolve(&app),
      drover::AddLearner(&app), drover::AddActor(&app), drover::AddEvaluator(&app),
      drover::AddDevices(&app),
  };
  return drover::RunCommand(&app, commands, argc, argv);
}

// LibTorch takes its thousands of operators apart one by one when a process ends: a third of the
// CPU time that it takes to come and go. What is ours is closed by now. (A sanitizer looks for
// leaks later.)
void EndAtOnce(int code) {
#if !__has_feature(address_sanitizer)
  std::cout.flush();
  std::fflush(nullptr);
  _exit(code);
#endif
}

}  // namespace

int main(int argc, char** argv) {
  const int code = drover::RunMain([&] { return Run(argc, argv); });
  EndAtOnce(code);
  return code;
}
