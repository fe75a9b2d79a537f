#include "cli/bench_control.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/control_bench.h"
#include "bench/control_stub.h"
#include "cli/config_options.h"
#include "cli/executables.h"
#include "cli/human.h"
#include "cli/resolve_plan.h"
#include "cli/role_process.h"
#include "common/logging.h"
#include "common/signals.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

double MeanUpdateBytes(const DashboardViewer::Seen& seen) {
  return seen.updates == 0 ? 0
                           : static_cast<double>(seen.bytes) / static_cast<double>(seen.updates);
}

std::string Text(const ControlCase& options, const ControlResult& r) {
  return absl::StrCat(
      options.actors, " actors in ", options.processes, " processes, all there after ",
      FormatNumber(r.joined_seconds), " s, load ", FormatNumber(r.load), " before\n",
      absl::StrFormat("  coordinator  %.1f %% of a core, %.0f MB resident, %d members lost\n",
                      100 * r.coordinator_cores, 1e-6 * static_cast<double>(r.coordinator_bytes),
                      r.lost),
      absl::StrFormat("  dashboard    %d updates in %.0f s of %.0f kB, longest gap %.2f s\n",
                      r.dashboard.updates, options.seconds, 1e-3 * MeanUpdateBytes(r.dashboard),
                      r.dashboard.longest_gap),
      absl::StrFormat("  the actors   %.1f %% of a core\n", 100 * r.stub_cores));
}

ordered_json Json(const ControlCase& options, const ControlResult& r) {
  return {{"actors", options.actors},
          {"processes", options.processes},
          {"seconds", options.seconds},
          {"joined_seconds", r.joined_seconds},
          {"coordinator_cores", r.coordinator_cores},
          {"coordinator_bytes", r.coordinator_bytes},
          {"stub_cores", r.stub_cores},
          {"lost", r.lost},
          {"dashboard_updates", r.dashboard.updates},
          {"dashboard_update_bytes", MeanUpdateBytes(r.dashboard)},
          {"dashboard_longest_gap_seconds", r.dashboard.longest_gap},
          {"load", r.load}};
}

int RunBench(const ControlCase& options) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  Plan plan;
  const ConfigOptions config("cartpole_impala", {absl::StrCat("actors.count=", options.actors)});
  if (const int code = ResolvePlanOrFail(config, &plan); code != kExitOk) return code;
  const absl::StatusOr<ControlResult> result = MeasureControl(options, plan, DroverPath(), stop);
  if (!result.ok()) return Fail(result.status(), kExitFailed);
  std::cout << Text(options, *result) << Json(options, *result).dump() << std::endl;
  return kExitOk;
}

int RunMembers(const ControlStubOptions& options) {
  const RoleProcess process("members", ProcessFlags{"warning", ""});
  return process.Finish(RunControlStub(options, [&process] { return process.stop().requested(); }));
}

}  // namespace

Command AddBenchControl(CLI::App* bench) {
  auto options = std::make_shared<ControlCase>();
  CLI::App* command =
      AddCommand(bench, "control", "what a coordinator and its dashboard take with so many actors");
  AddOption(command, "--actors", options->actors, "default: 1000").Range(1, 4096).TypeName("N");
  AddOption(command, "--processes", options->processes, "that stand for them; default: 4")
      .Range(1, 64)
      .TypeName("P");
  AddOption(command, "--seconds", options->seconds, "to measure; default: 30")
      .Range(1.0, 1e6)
      .TypeName("S");
  return {command, [options] { return RunBench(*options); }};
}

Command AddBenchMembers(CLI::App* bench) {
  auto options = std::make_shared<ControlStubOptions>();
  CLI::App* command =
      AddCommand(bench, "members", "stubs of a run's members, which `bench control` starts");
  AddCoordinatorAddress(command, &options->coordinator);
  AddOption(command, "--first_actor", options->first_actor, "index").TypeName("I");
  AddOption(command, "--actors", options->actors, "how many").TypeName("N");
  AddFlag(command, "--learner", options->learner, "the learner, too");
  return {command, [options] { return RunMembers(*options); }};
}

}  // namespace drover
