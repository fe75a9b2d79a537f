#include "cli/replay_command.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "cli/role_process.h"
#include "common/allocator.h"
#include "replay/replay_main.h"

namespace drover {
namespace {

struct Flags {
  ReplayOptions options;
  ProcessFlags process;
};

int RunRole(Flags flags) {
  KeepFreedMemory();
  const RoleProcess process(absl::StrCat("replay-", flags.options.index), flags.process, "replay");
  if (!process.status().ok()) return Fail(process.status(), kExitBadInput);
  flags.options.stop = [&process] { return process.stop().requested(); };
  flags.options.left = [&process](const absl::Status& status) { _exit(process.Finish(status)); };
  return process.Finish(RunReplay(flags.options));
}

}  // namespace

Command AddReplay(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      AddCommand(app, "replay", "one role: keeps experience in tables and samples it");
  AddCoordinatorAddress(command, &flags->options.coordinator);
  AddHttp(command, &flags->options.http);
  AddListen(command, &flags->options.listen, &flags->options.insecure);
  AddOption(command, "--index", flags->options.index, "which shard it is; default: 0")
      .TypeName("S");
  AddProcessFlags(command, &flags->process);
  return {command, [flags] { return RunRole(*flags); }};
}

}  // namespace drover
