#ifndef DROVER_CLI_SCALE_H_
#define DROVER_CLI_SCALE_H_

#include "cli/command_line.h"

namespace drover {

// drover scale --actors N [RUN]: how many actors a running run has.
Command AddScale(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_SCALE_H_
