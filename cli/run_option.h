#ifndef DROVER_CLI_RUN_OPTION_H_
#define DROVER_CLI_RUN_OPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "cli/option.h"

namespace drover {

// RUN and --certs: what a command on a run that there is already begins with.
struct RunOption {
  std::string run;    // its directory; empty: the newest in runs/
  std::string certs;  // cli/certs_option.h
};

void AddRun(CLI::App* command, RunOption* option);

// The absolute path of the run that is meant. NOT_FOUND: there is none.
absl::StatusOr<std::string> FindRun(const std::string& run);

// From now on this process speaks with the certificates; then FindRun. Errors: UseCerts' too.
absl::StatusOr<std::string> OpenRun(const RunOption& option);

}  // namespace drover

#endif  // DROVER_CLI_RUN_OPTION_H_
