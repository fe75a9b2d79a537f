#ifndef DROVER_DEPLOY_COMMAND_H_
#define DROVER_DEPLOY_COMMAND_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace drover {

// Runs a program to its end, and returns what it printed to stdout. NOT_FOUND: there is no such
// program; DEADLINE_EXCEEDED: it took longer than `limit`, and was killed; ABORTED: it failed. Both
// say what it printed, to stderr too.
absl::StatusOr<std::string> CommandOutput(const std::vector<std::string>& command,
                                          std::chrono::seconds limit = std::chrono::seconds(30));

}  // namespace drover

#endif  // DROVER_DEPLOY_COMMAND_H_
