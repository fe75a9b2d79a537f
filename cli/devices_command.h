#ifndef DROVER_CLI_DEVICES_COMMAND_H_
#define DROVER_CLI_DEVICES_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover devices: what LibTorch is, and what it can compute with here. For `drover doctor`.
Command AddDevices(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_DEVICES_COMMAND_H_
