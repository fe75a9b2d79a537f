#ifndef DROVER_CLI_BENCH_WEIGHTS_H_
#define DROVER_CLI_BENCH_WEIGHTS_H_

#include "cli/command_line.h"

namespace drover {

// drover bench weights: how long new weights need from the learner to the first step acted with
// them. drover bench subscribers: the processes that it starts for that.
Command AddBenchWeights(CLI::App* bench);
Command AddBenchSubscribers(CLI::App* bench);

}  // namespace drover

#endif  // DROVER_CLI_BENCH_WEIGHTS_H_
