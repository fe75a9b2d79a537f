#ifndef DROVER_CLI_ACTOR_COMMAND_H_
#define DROVER_CLI_ACTOR_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover actor|evaluator --coordinator ADDRESS --index I: one role, for the launchers.
Command AddActor(CLI::App* app);
Command AddEvaluator(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_ACTOR_COMMAND_H_
