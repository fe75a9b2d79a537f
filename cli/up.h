#ifndef DROVER_CLI_UP_H_
#define DROVER_CLI_UP_H_

#include "cli/command_line.h"

namespace drover {

// drover up CONFIG --on=ENGINE …: launches a run in the background, and follows it.
Command AddUp(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_UP_H_
