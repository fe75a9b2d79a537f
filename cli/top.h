#ifndef DROVER_CLI_TOP_H_
#define DROVER_CLI_TOP_H_

#include "cli/command_line.h"

namespace drover {

// `drover top [RUN]`: the dashboard in a terminal, drawn anew each second until the run's end or
// Ctrl-C; where the output is no terminal, once.
Command AddTop(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_TOP_H_
