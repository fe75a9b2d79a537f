#ifndef DROVER_CLI_REPLAY_COMMAND_H_
#define DROVER_CLI_REPLAY_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover replay --coordinator ADDRESS --listen ADDRESS… --index S: one role, for the launchers.
Command AddReplay(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_REPLAY_COMMAND_H_
