#include "cli/bench.h"

#include <vector>

#include "cli/bench_throughput.h"
#include "cli/bench_weights.h"

namespace drover {

Command AddBench(CLI::App* app) {
  CLI::App* bench = app->add_subcommand("bench", "measure: how fast, and where time goes");
  const std::vector<Command> commands = {AddBenchThroughput(bench), AddBenchWeights(bench),
                                         AddBenchSubscribers(bench)};
  return {bench, [commands] { return RunParsed(commands); }};
}

}  // namespace drover
