#ifndef DROVER_CLI_LIMIT_COMMAND_H_
#define DROVER_CLI_LIMIT_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// `drover limit`: moves the rate limiter of a running run's replay table, on every server.
Command AddLimit(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_LIMIT_COMMAND_H_
