#include "cli/bench.h"

#include <vector>

#include "cli/bench_control.h"
#include "cli/bench_replay.h"
#include "cli/bench_scaling.h"
#include "cli/bench_throughput.h"
#include "cli/bench_tls.h"
#include "cli/bench_weights.h"

namespace drover {
namespace {

// It builds, so it is the wrapper's; here for --help and near matches.
Command AddCompare(CLI::App* bench) {
  CLI::App* command = AddCommand(bench, "compare",
                                 "REV: throughput of the working tree over that of another commit");
  AllowExtras(command);
  return {command, [] {
            return Fail(absl::FailedPreconditionError(
                            "start it in a checkout, as `./drover bench compare REV`"),
                        kExitBadInput);
          }};
}

}  // namespace

Command AddBench(CLI::App* app) {
  CLI::App* bench = AddCommand(app, "bench", "measure: how fast, and where time goes");
  const std::vector<Command> commands = {
      AddBenchThroughput(bench),   AddBenchScaling(bench),      AddBenchWeights(bench),
      AddBenchReplay(bench),       AddBenchTls(bench),          AddBenchControl(bench),
      AddCompare(bench),           AddBenchMembers(bench),      AddBenchSubscribers(bench),
      AddBenchReplayServer(bench), AddBenchReplayClient(bench),
  };
  return {bench, [commands] { return RunParsed(commands); }};
}

}  // namespace drover
