#ifndef DROVER_CLI_EXECUTABLES_H_
#define DROVER_CLI_EXECUTABLES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

// Drover's two executables lie side by side: `drover`, which is light, and `drover-agent`, which
// links LibTorch.
namespace drover {

// Of this process's executable.
std::string OwnPath();

std::string DroverPath();
std::string DroverAgentPath();

// Becomes the other program; returns only if that fails.
absl::Status Execute(const std::string& path, const std::vector<std::string>& arguments);

}  // namespace drover

#endif  // DROVER_CLI_EXECUTABLES_H_
