#ifndef DROVER_CLI_LIST_COMMAND_H_
#define DROVER_CLI_LIST_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover list algorithms|environments|configs: a name a line.
Command AddList(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_LIST_COMMAND_H_
