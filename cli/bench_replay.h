#ifndef DROVER_CLI_BENCH_REPLAY_H_
#define DROVER_CLI_BENCH_REPLAY_H_

#include "cli/command_line.h"

namespace drover {

// drover bench replay: how fast a replay server takes, samples and updates items.
// drover bench replay-server, drover bench replay-client: the processes that it starts for that.
Command AddBenchReplay(CLI::App* bench);
Command AddBenchReplayServer(CLI::App* bench);
Command AddBenchReplayClient(CLI::App* bench);

}  // namespace drover

#endif  // DROVER_CLI_BENCH_REPLAY_H_
