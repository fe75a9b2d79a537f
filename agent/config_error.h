#ifndef DROVER_AGENT_CONFIG_ERROR_H_
#define DROVER_AGENT_CONFIG_ERROR_H_

#include <string>

namespace drover {

// A config that makes no sense, with the field that says so. The command line
// turns the field into file:line:column.
struct ConfigError {
  std::string field;    // path as `--set` takes it, e.g. "returns.gamma"
  std::string message;  // what is wrong and what is allowed
};

}  // namespace drover

#endif  // DROVER_AGENT_CONFIG_ERROR_H_
