#ifndef DROVER_CLI_BENCH_H_
#define DROVER_CLI_BENCH_H_

#include "cli/command_line.h"

namespace drover {

// drover bench …: the commands that measure. Each prints for people, and a last line of JSON.
Command AddBench(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_BENCH_H_
