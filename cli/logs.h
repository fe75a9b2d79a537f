#ifndef DROVER_CLI_LOGS_H_
#define DROVER_CLI_LOGS_H_

#include "cli/command_line.h"

namespace drover {

// drover logs ROLE [INDEX] [--run RUN]: what a process of a run has logged.
Command AddLogs(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_LOGS_H_
