#ifndef DROVER_CLI_LAUNCH_COMMAND_H_
#define DROVER_CLI_LAUNCH_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover launch RUN: the process that `drover up` leaves in the background. It holds the run, and
// has the engine keep what the coordinator wants until the run has ended.
Command AddLaunch(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_LAUNCH_COMMAND_H_
