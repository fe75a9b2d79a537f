#ifndef DROVER_CLI_RESOLVE_COMMAND_H_
#define DROVER_CLI_RESOLVE_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// drover-agent resolve CONFIG …: checks a config and prints it complete; with --plan it writes what
// a launcher needs instead (a Plan of proto/coordinator.proto, in binary).
Command AddResolve(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_RESOLVE_COMMAND_H_
