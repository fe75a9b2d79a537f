#ifndef DROVER_CLI_BENCH_CONTROL_H_
#define DROVER_CLI_BENCH_CONTROL_H_

#include "cli/command_line.h"

namespace drover {

// drover bench control: what a coordinator and its dashboard take with a thousand actors.
// drover bench members: the processes that stand for these.
Command AddBenchControl(CLI::App* bench);
Command AddBenchMembers(CLI::App* bench);

}  // namespace drover

#endif  // DROVER_CLI_BENCH_CONTROL_H_
