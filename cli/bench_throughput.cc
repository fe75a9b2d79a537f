#include "cli/bench_throughput.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/throughput_run.h"
#include "cli/config_options.h"
#include "cli/executables.h"
#include "cli/resolve_plan.h"
#include "cli/throughput_text.h"
#include "common/file.h"
#include "common/logging.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

struct Flags {
  ConfigOptions config;
  std::string run_dir;
  int repeat = 1;
  ThroughputOptions options;
};

// Run `i` of several, in the directory that was named or one that goes when it is over.
absl::StatusOr<ThroughputRun> RunOnce(const Flags& flags, int i, const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory temporary, TempDirectory::Make());
  std::string path = flags.run_dir;
  if (path.empty()) path = temporary.path();
  if (flags.repeat > 1) absl::StrAppend(&path, "/", i);
  DROVER_ASSIGN_OR_RETURN(const RunDir run_dir, RunDir::Open(path, /*resume=*/false));
  double load = 0;
  if (getloadavg(&load, 1) != 1) load = -1;
  DROVER_ASSIGN_OR_RETURN(ThroughputRun run, RunThroughput(flags.options, run_dir, stop));
  run.throughput.load = load;
  return run;
}

int RunBench(Flags flags) {
  const StopSignal stop;
  if (absl::Status status = InitLogging("drover", "warning"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  const absl::StatusOr<ExitStatus> resolved = ResolvePlan(flags.config, &flags.options.plan);
  if (!resolved.ok()) return Fail(resolved.status(), kExitFailed);
  if (!resolved->ok()) return resolved->code == kExitBadInput ? kExitBadInput : kExitFailed;
  flags.options.drover = DroverPath();
  flags.options.drover_agent = DroverAgentPath();

  nlohmann::ordered_json best;
  std::vector<double> values;
  for (int i = 0; i < flags.repeat; ++i) {
    const absl::StatusOr<ThroughputRun> run = RunOnce(flags, i, stop);
    if (!run.ok()) return Fail(run.status(), kExitFailed);
    std::cout << ThroughputText(*run) << std::flush;
    values.push_back(run->throughput.frames_per_second);
    if (values.back() == *std::max_element(values.begin(), values.end())) {
      best = ThroughputJson(*run);
    }
  }
  if (flags.repeat > 1) best["values"] = values;
  std::cout << best.dump() << std::endl;
  return kExitOk;
}

}  // namespace

Command AddBenchThroughput(CLI::App* bench) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = bench->add_subcommand(
      "throughput", "frames a second of a local cluster, and where its time goes");
  flags->config.AddTo(command, "cartpole_impala");
  command->add_option("--seconds", flags->options.seconds, "to measure; default: 10")
      ->check(CLI::Range(1.0, 1e6))
      ->type_name("S");
  command
      ->add_option("--warmup", flags->options.warmup, "seconds of training before that; default: 5")
      ->check(CLI::Range(0.0, 1e6))
      ->type_name("S");
  command->add_option("--repeat", flags->repeat, "runs; the last line is of the best; default: 1")
      ->check(CLI::Range(1, 1000))
      ->type_name("N");
  command->add_option("--run_dir", flags->run_dir, "keep the run's files there")->type_name("DIR");
  return {command, [flags] { return RunBench(*flags); }};
}

}  // namespace drover
