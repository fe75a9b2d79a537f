#ifndef DROVER_CLI_BENCH_THROUGHPUT_H_
#define DROVER_CLI_BENCH_THROUGHPUT_H_

#include "cli/command_line.h"

namespace drover {

// drover bench throughput [CONFIG] …: how fast a local cluster trains, and where its time goes.
Command AddBenchThroughput(CLI::App* bench);

}  // namespace drover

#endif  // DROVER_CLI_BENCH_THROUGHPUT_H_
