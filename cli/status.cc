#include "cli/status.h"

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/report.h"
#include "cli/status_text.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

struct Flags {
  std::string run_dir;
  bool json = false;
  bool health = false;
};

absl::StatusOr<StatusReply> AskCoordinator(const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(CoordinatorClient client, CoordinatorClient::OfRun(run_dir));
  return client.Status();
}

// A run is well while its coordinator answers and it has a learner, or awaits one.
bool Healthy(const StatusReply& status) {
  if (status.state() == RunState::waiting) return true;
  for (const MemberStatus& member : status.members()) {
    if (member.member().role() == Role::learner) {
      return member.alive() || status.state() == RunState::ended;
    }
  }
  return false;
}

int ShowEnded(const std::string& run_dir, const nlohmann::json& summary, bool json) {
  if (json) {
    nlohmann::ordered_json all;
    all["run_dir"] = run_dir;
    all["state"] = "ended";
    all["end_reason"] = summary.value("end_reason", "");
    all["summary"] = summary;
    std::cout << all.dump(2) << std::endl;
  } else {
    std::cout << "ended, " << SummaryText(summary, run_dir) << std::flush;
  }
  return kExitOk;
}

int RunStatus(Flags flags) {
  if (flags.run_dir.empty()) {
    absl::StatusOr<std::string> newest = NewestRunDir("");
    if (!newest.ok()) return Fail(newest.status(), kExitBadInput);
    flags.run_dir = *std::move(newest);
  }
  const absl::StatusOr<StatusReply> status = AskCoordinator(flags.run_dir);
  if (flags.health) return status.ok() && Healthy(*status) ? kExitOk : kExitFailed;
  if (status.ok()) {
    std::cout << (flags.json ? StatusJson(*status) : StatusText(*status)) << std::flush;
    return kExitOk;
  }
  const absl::StatusOr<nlohmann::json> summary = ReadSummary(flags.run_dir);
  if (summary.ok()) return ShowEnded(flags.run_dir, *summary, flags.json);
  return Fail(absl::UnavailableError(
                  absl::StrCat("nothing runs in ", flags.run_dir, ": ", status.status().message())),
              kExitFailed);
}

}  // namespace

Command AddStatus(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = app->add_subcommand("status", "how a run stands");
  command->add_option("run", flags->run_dir, "its directory; default: the newest in runs/")
      ->type_name("RUN");
  command->add_flag("--json", flags->json, "as one JSON object");
  command->add_flag("--health", flags->health, "print nothing: exit code 0 if all is well, else 1");
  return {command, [flags] { return RunStatus(*flags); }};
}

}  // namespace drover
