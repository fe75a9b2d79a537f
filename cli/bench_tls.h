#ifndef DROVER_CLI_BENCH_TLS_H_
#define DROVER_CLI_BENCH_TLS_H_

#include "cli/command_line.h"

namespace drover {

// `drover bench tls`: what TLS and tokens cost over TCP, a cluster's training and a bare stream,
// each openly and with them in turn.
Command AddBenchTls(CLI::App* bench);

}  // namespace drover

#endif  // DROVER_CLI_BENCH_TLS_H_
