#ifndef DROVER_CLI_BENCH_SCALING_H_
#define DROVER_CLI_BENCH_SCALING_H_

#include "cli/command_line.h"

namespace drover {

// drover bench scaling …: how much faster more actors are, where the environment is slow.
Command AddBenchScaling(CLI::App* bench);

}  // namespace drover

#endif  // DROVER_CLI_BENCH_SCALING_H_
