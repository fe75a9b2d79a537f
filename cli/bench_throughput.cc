#include "cli/bench_throughput.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "bench/throughput_cases.h"
#include "bench/throughput_run.h"
#include "cli/config_options.h"
#include "cli/executables.h"
#include "cli/human.h"
#include "cli/resolve_plan.h"
#include "cli/throughput_text.h"
#include "cli/topology_option.h"
#include "common/logging.h"
#include "common/signals.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

struct Flags {
  ConfigOptions config;
  std::string topology;  // empty: none
  std::string run_dir;
  int repeat = 1;
  ThroughputOptions options;
};

// What a person named, or one of the cases of a topology.
struct Case {
  ThroughputCase what;
  Plan plan;
};

// The best of flags.repeat runs.
absl::StatusOr<ordered_json> Measure(const Flags& flags, const Case& measured,
                                     const StopSignal& stop) {
  ThroughputOptions options = flags.options;
  options.plan = measured.plan;
  ordered_json best;
  std::vector<double> values;
  for (int i = 0; i < flags.repeat; ++i) {
    std::string run_dir = flags.run_dir;
    if (!run_dir.empty()) {
      if (!measured.what.name.empty()) absl::StrAppend(&run_dir, "/", measured.what.name);
      if (flags.repeat > 1) absl::StrAppend(&run_dir, "/", i);
    }
    DROVER_ASSIGN_OR_RETURN(const ThroughputRun run, RunThroughput(options, run_dir, stop));
    std::cout << ThroughputText(run) << std::flush;
    values.push_back(run.throughput.frames_per_second);
    if (values.back() == *std::max_element(values.begin(), values.end())) {
      best = ThroughputJson(run);
    }
  }
  if (flags.repeat > 1) best["values"] = values;
  return best;
}

std::string Heading(const std::string& config, const ThroughputCase& what) {
  return absl::StrCat(config, ", ", what.title, what.changes.empty() ? "" : ": ",
                      absl::StrJoin(what.changes, " "), "\n");
}

// The rates of a train step of 1,024 frames, as those of a named config are; beside them the
// others.
ordered_json Json(const ThroughputCases& all, const ordered_json& results) {
  ordered_json json = {{"topology", all.topology}, {"config", all.config}};
  for (const char* rate : {"frames_per_second", "frames_per_cpu_second"}) {
    json[rate] = results["frames_1024"][rate];
  }
  for (const auto& [name, result] : results.items()) {
    json[absl::StrCat(name, "_frames_per_second")] = result["frames_per_second"];
  }
  json["cases"] = results;
  return json;
}

// A topology's cases one after another, then their rates side by side.
int RunCases(const Flags& flags, const StopSignal& stop) {
  const ThroughputCases& all = CasesOf(flags.topology);
  std::vector<Case> cases;
  for (const ThroughputCase& what : all.cases) {
    cases.push_back({what, {}});
    const int code =
        ResolvePlanOrFail(flags.config.Of(all.config, what.changes), &cases.back().plan);
    if (code != kExitOk) return code;
  }
  ordered_json results;
  std::string table;
  for (const Case& measured : cases) {
    const std::string heading = Heading(all.config, measured.what);
    std::cout << heading << std::flush;
    absl::StatusOr<ordered_json> result = Measure(flags, measured, stop);
    if (!result.ok()) return Fail(result.status(), kExitFailed);
    absl::StrAppend(&table, FormatNumber((*result)["frames_per_second"].get<double>()),
                    " frames/s trained: ", heading);
    (*result)["changes"] = measured.what.changes;
    results[measured.what.name] = *std::move(result);
  }
  std::cout << table << Json(all, results).dump() << std::endl;
  return kExitOk;
}

int RunBench(Flags flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  flags.options.drover = DroverPath();
  flags.options.drover_agent = DroverAgentPath();
  if (!flags.topology.empty()) return RunCases(flags, stop);
  Case named;
  if (const int code = ResolvePlanOrFail(flags.config, &named.plan); code != kExitOk) return code;
  const absl::StatusOr<ordered_json> json = Measure(flags, named, stop);
  if (!json.ok()) return Fail(json.status(), kExitFailed);
  std::cout << json->dump() << std::endl;
  return kExitOk;
}

}  // namespace

Command AddBenchThroughput(CLI::App* bench) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(bench, "throughput",
                                 "frames a second of a local cluster, and where its time goes");
  flags->config.AddTo(command, "cartpole_impala");
  AddTopology(command,
              "its config on CartPole as shipped, with 1,024 frames a train step, and with sizes "
              "for speed",
              &flags->topology)
      .Excludes(FindOption(command, "config"));
  AddOption(command, "--seconds", flags->options.seconds, "to measure; default: 10")
      .Range(1.0, 1e6)
      .TypeName("S");
  AddOption(command, "--warmup", flags->options.warmup,
            "seconds of training before that; default: 5")
      .Range(0.0, 1e6)
      .TypeName("S");
  AddOption(command, "--repeat", flags->repeat, "runs; the last line is of the best; default: 1")
      .Range(1, 1000)
      .TypeName("N");
  AddOption(command, "--run_dir", flags->run_dir, "keep the run's files there").TypeName("DIR");
  return {command, [flags] { return RunBench(*flags); }};
}

}  // namespace drover
