#include "cli/scale.h"

#include <chrono>
#include <iostream>
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "cli/launch_settings.h"
#include "cli/run_option.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"
#include "deploy/engines.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{50};

struct Flags {
  RunOption run;
  uint32_t actors = 0;
  int wait = 0;  // seconds
};

// Those that act: with weights, and steps made.
uint32_t AtWork(const StatusReply& status) {
  uint32_t count = 0;
  for (const MemberStatus& member : status.members()) {
    const ActorReport& actor = member.report().actor();
    count += member.alive() && member.member().role() == Role::actor && actor.steps() > 0 ? 1 : 0;
  }
  return count;
}

// Before it is asked for: that the machines hold so many.
absl::Status CheckFits(const Flags& flags, const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(const LaunchSettings settings, ReadLaunchSettings(run_dir));
  DROVER_ASSIGN_OR_RETURN(Placement placement, ReadPlacement(run_dir));
  placement.experiment.mutable_actors()->set_count(flags.actors);
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Engine> engine, MakeEngine(settings.on, placement));
  return engine->Check();
}

absl::Status AwaitScaled(const Flags& flags, CoordinatorClient* client) {
  const Clock::time_point start = Clock::now();
  while (Clock::now() < start + std::chrono::seconds(flags.wait)) {
    DROVER_ASSIGN_OR_RETURN(const StatusReply status, client->Status());
    if (AtWork(status) == flags.actors) {
      const std::chrono::duration<double> took = Clock::now() - start;
      std::cout << "all at work after " << took.count() << " s" << std::endl;
      return absl::OkStatus();
    }
    std::this_thread::sleep_for(kPoll);
  }
  return absl::DeadlineExceededError(
      absl::StrCat("not all of them are at work after ", flags.wait, " s: see drover status"));
}

// A scheduler's jobs outlive who launched them; only then is anything left to scale.
absl::Status KeepLauncher(const std::string& run_dir) {
  if (RunDir::InUse(run_dir)) return absl::OkStatus();
  std::cout << "its launcher was gone: started again" << std::endl;
  return StartLauncher(run_dir).status();
}

absl::Status Scale(const Flags& flags, const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(CoordinatorClient client, CoordinatorClient::OfRun(run_dir));
  DROVER_ASSIGN_OR_RETURN(const uint32_t before, client.Scale(flags.actors));
  std::cout << before << " -> " << flags.actors << " actors" << std::endl;
  DROVER_RETURN_IF_ERROR(KeepLauncher(run_dir));
  return flags.wait > 0 ? AwaitScaled(flags, &client) : absl::OkStatus();
}

int RunScale(const Flags& flags) {
  const absl::StatusOr<std::string> run_dir = OpenRun(flags.run);
  if (!run_dir.ok()) return Fail(run_dir.status(), kExitBadInput);
  if (absl::Status fits = CheckFits(flags, *run_dir); !fits.ok()) return Fail(fits, kExitBadInput);
  const absl::Status status = Scale(flags, *run_dir);
  if (status.ok()) return kExitOk;
  const bool refused = absl::IsInvalidArgument(status) || absl::IsFailedPrecondition(status);
  return Fail(status, refused ? kExitBadInput : kExitFailed);
}

}  // namespace

Command AddScale(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "scale", "how many actors a running run has");
  AddRun(command, &flags->run);
  AddOption(command, "--actors", flags->actors, "from now on").Required().TypeName("N");
  AddOption(command, "--wait", flags->wait, "at most so many seconds until all are at work")
      .Range(0, 1'000'000)
      .TypeName("S");
  return {command, [flags] { return RunScale(*flags); }};
}

}  // namespace drover
