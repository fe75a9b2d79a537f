#include "cli/status.h"

#include <iostream>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/certs_option.h"
#include "cli/report.h"
#include "cli/role_process.h"
#include "cli/run_option.h"
#include "cli/status_text.h"
#include "common/rpc/address.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"

namespace drover {
namespace {

struct Flags {
  RunOption run;
  std::string coordinator;  // its address; empty: of the run
  bool json = false;
  bool health = false;
  std::string member;  // whose health
};

absl::StatusOr<StatusReply> AskCoordinator(const Flags& flags, const std::string& run_dir) {
  if (!flags.coordinator.empty()) return CoordinatorClient(flags.coordinator).Status();
  DROVER_ASSIGN_OR_RETURN(CoordinatorClient client, CoordinatorClient::OfRun(run_dir));
  return client.Status();
}

std::string NameOf(const Member& member) {
  return absl::StrCat(Role::Kind_Name(member.role()), "-", member.index());
}

// Whether `name` ("learner-0") or, where it is but a role, one of this host is alive.
bool IsAlive(const StatusReply& status, const std::string& name) {
  for (const MemberStatus& member : status.members()) {
    const bool meant =
        NameOf(member.member()) == name ||
        (Role::Kind_Name(member.member().role()) == name && member.member().host() == HostName());
    if (meant && member.alive()) return true;
  }
  return false;
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

// While nobody answers, a member goes on with what it last heard: that is no illness of its own.
bool MemberIsWell(const std::string& name, const absl::StatusOr<StatusReply>& status) {
  if (name == "coordinator") return status.ok();
  return !status.ok() || status->state() == RunState::ended || IsAlive(*status, name);
}

int ShowHealth(const Flags& flags, const absl::StatusOr<StatusReply>& status) {
  const bool well =
      flags.member.empty() ? status.ok() && Healthy(*status) : MemberIsWell(flags.member, status);
  return well ? kExitOk : kExitFailed;
}

// Where a coordinator is named, the run may be on another host.
absl::StatusOr<std::string> RunDirOf(const Flags& flags) {
  if (flags.coordinator.empty()) return OpenRun(flags.run);
  DROVER_RETURN_IF_ERROR(UseCerts(flags.run.certs, PersonRoles()));
  return "";
}

int RunStatus(const Flags& flags) {
  const absl::StatusOr<std::string> run_dir = RunDirOf(flags);
  if (!run_dir.ok() && flags.health) return kExitFailed;
  if (!run_dir.ok()) return Fail(run_dir.status(), kExitBadInput);
  const absl::StatusOr<StatusReply> status = AskCoordinator(flags, *run_dir);
  if (flags.health) return ShowHealth(flags, status);
  if (status.ok()) {
    std::cout << (flags.json ? StatusJson(*status) : StatusText(*status)) << std::flush;
    return kExitOk;
  }
  if (!flags.coordinator.empty()) {
    return Fail(absl::UnavailableError(absl::StrCat(
                    "no coordinator at ", flags.coordinator, ": ", status.status().message(),
                    "; `drover doctor --peer ", flags.coordinator, "` says why")),
                kExitFailed);
  }
  const absl::StatusOr<nlohmann::json> summary = ReadSummary(*run_dir);
  if (summary.ok()) return ShowEnded(*run_dir, *summary, flags.json);
  return Fail(absl::UnavailableError(
                  absl::StrCat("nothing runs in ", *run_dir, ": ", status.status().message())),
              kExitFailed);
}

}  // namespace

Command AddStatus(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "status", "how a run stands");
  AddRun(command, &flags->run);
  AddOption(command, "--coordinator", flags->coordinator,
            "of this coordinator's run, in place of RUN")
      .Check(AddressError)
      .TypeName("ADDRESS");
  AddFlag(command, "--json", flags->json, "as one JSON object");
  AddFlag(command, "--health", flags->health, "print nothing: exit code 0 if all is well, else 1");
  AddOption(command, "--member", flags->member,
            "with --health: whether this one is alive, as \"learner-0\"; one of this host, as "
            "\"actor\"; or \"coordinator\"")
      .TypeName("NAME");
  return {command, [flags] { return RunStatus(*flags); }};
}

}  // namespace drover
