#ifndef DROVER_CLI_STATUS_H_
#define DROVER_CLI_STATUS_H_

#include "cli/command_line.h"

namespace drover {

// drover status [RUN]: how a run stands, who its members are and who waits on what.
Command AddStatus(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_STATUS_H_
