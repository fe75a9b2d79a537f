#ifndef DROVER_CLI_EVAL_COMMAND_H_
#define DROVER_CLI_EVAL_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover eval RUN_OR_CHECKPOINT: plays greedily with a run's newest policy, or a checkpoint's.
Command AddEval(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_EVAL_COMMAND_H_
