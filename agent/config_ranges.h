#ifndef DROVER_AGENT_CONFIG_RANGES_H_
#define DROVER_AGENT_CONFIG_RANGES_H_

#include <optional>

#include "agent/config_error.h"
#include "proto/experiment.pb.h"

namespace drover {

// The first number in `experiment` outside what it may be, if any: one table
// says the range of every numeric field that has one. Fields that are not set
// are not looked at.
std::optional<ConfigError> CheckRanges(const Experiment& experiment);

}  // namespace drover

#endif  // DROVER_AGENT_CONFIG_RANGES_H_
