#ifndef DROVER_CLI_DOWN_H_
#define DROVER_CLI_DOWN_H_

#include "cli/command_line.h"

namespace drover {

// drover down [RUN]: drains a run, and returns when none of its processes is left.
Command AddDown(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_DOWN_H_
