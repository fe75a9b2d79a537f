#ifndef DROVER_CLI_TRAIN_H_
#define DROVER_CLI_TRAIN_H_

#include "cli/command_line.h"

namespace drover {

// drover train CONFIG …: a local cluster, to its end.
Command AddTrain(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_TRAIN_H_
