#ifndef DROVER_CLI_COORDINATOR_COMMAND_H_
#define DROVER_CLI_COORDINATOR_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover coordinator --run_dir DIR --listen ADDRESS…: one role, for the launchers.
Command AddCoordinator(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_COORDINATOR_COMMAND_H_
