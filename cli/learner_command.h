#ifndef DROVER_CLI_LEARNER_COMMAND_H_
#define DROVER_CLI_LEARNER_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover learner --coordinator ADDRESS --listen ADDRESS…: one role, for the launchers.
Command AddLearner(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_LEARNER_COMMAND_H_
