#include "cli/bench_scaling.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/scaling.h"
#include "bench/throughput_cases.h"
#include "bench/throughput_run.h"
#include "cli/config_options.h"
#include "cli/executables.h"
#include "cli/human.h"
#include "cli/resolve_plan.h"
#include "cli/topology_option.h"
#include "common/logging.h"
#include "common/signals.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

constexpr int kUnroll = 20;

struct Flags {
  std::string topology = "impala";
  int actors = 64;
  double step_ms = 20;
  double seconds = 10;
  std::vector<std::string> changes;
  std::string run_dir;
};

// So many actors with one slow environment each; a train step takes an unroll of each actor, on
// topology a3c of one.
ConfigOptions Config(const Flags& flags, int actors) {
  std::vector<std::string> changes = {
      absl::StrCat("actors.count=", actors), "actors.environments=1",
      absl::StrCat("actors.unroll=", kUnroll),
      absl::StrCat("environment_options.step_seconds=", flags.step_ms / 1000)};
  if (flags.topology == "impala") changes.push_back(absl::StrCat("learner.batch=", actors));
  changes.insert(changes.end(), flags.changes.begin(), flags.changes.end());
  return {CasesOf(flags.topology).config, changes};
}

std::string RunDirOf(const Flags& flags, int actors) {
  return flags.run_dir.empty() ? "" : absl::StrCat(flags.run_dir, "/", actors);
}

std::string Percent(double share) { return absl::StrFormat("%.1f%%", 100 * share); }

std::string Line(const ScalingPoint& point) {
  return absl::StrFormat("%6d %11s %11s %9s %12s %6s %8s %6s\n", point.actors,
                         FormatNumber(point.acted_per_second), FormatNumber(point.ideal_per_second),
                         Percent(point.efficiency), FormatNumber(point.trained_per_second),
                         Percent(point.cpu_share), Percent(point.learner_cpu_share),
                         FormatNumber(point.load));
}

ordered_json Json(const ScalingPoint& point) {
  return {{"actors", point.actors},
          {"acted_frames_per_second", point.acted_per_second},
          {"ideal_frames_per_second", point.ideal_per_second},
          {"efficiency", point.efficiency},
          {"frames_per_second", point.trained_per_second},
          {"cpu_share", point.cpu_share},
          {"learner_cpu_share", point.learner_cpu_share},
          {"load", point.load}};
}

int RunBench(const Flags& flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  ThroughputOptions options;
  options.seconds = flags.seconds;
  options.warmup = 0;  // until all actors are there
  options.drover = DroverPath();
  options.drover_agent = DroverAgentPath();
  std::cout << CasesOf(flags.topology).config << ", a step takes " << FormatNumber(flags.step_ms)
            << " ms\nactors    frames/s       ideal  of ideal    trained/s    CPU  learner   load\n"
            << std::flush;
  std::vector<ScalingPoint> points;
  ordered_json json = {{"topology", flags.topology}, {"step_seconds", flags.step_ms / 1000}};
  for (const int actors : ScalingCounts(flags.actors)) {
    const int code = ResolvePlanOrFail(Config(flags, actors), &options.plan);
    if (code != kExitOk) return code;
    const absl::StatusOr<ThroughputRun> run = RunThroughput(options, RunDirOf(flags, actors), stop);
    if (!run.ok()) return Fail(run.status(), kExitFailed);
    points.push_back(
        MakeScalingPoint(actors, run->throughput, points.empty() ? nullptr : &points.front()));
    std::cout << Line(points.back()) << std::flush;
    json["points"].push_back(Json(points.back()));
  }
  std::cout << json.dump() << std::endl;
  return kExitOk;
}

}  // namespace

Command AddBenchScaling(CLI::App* bench) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command =
      AddCommand(bench, "scaling",
                 "frames a second of 1, 2, 4, … actors of a slow environment, against ideal");
  AddTopology(command, "whose config on CartPole is run; default: impala", &flags->topology);
  AddOption(command, "--actors", flags->actors, "at most; default: 64")
      .Range(1, 4096)
      .TypeName("N");
  AddOption(command, "--step_ms", flags->step_ms, "a step takes; default: 20")
      .Range(0.0, 1e6)
      .TypeName("MS");
  AddOption(command, "--seconds", flags->seconds, "of each measurement; default: 10")
      .Range(1.0, 1e6)
      .TypeName("S");
  AddOption(command, "--set", flags->changes, "change another field of the config")
      .TypeName("PATH=VALUE")
      .OneEach();
  AddOption(command, "--run_dir", flags->run_dir, "keep the runs' files there").TypeName("DIR");
  return {command, [flags] { return RunBench(*flags); }};
}

}  // namespace drover
