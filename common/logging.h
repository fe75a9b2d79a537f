#ifndef DROVER_COMMON_LOGGING_H_
#define DROVER_COMMON_LOGGING_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace drover {

// The names that InitLogging takes: "debug", "info", "warning", "error", "off".
const std::vector<std::string>& LogLevels();

// Lets spdlog::info(…) and its like write to stderr, a line each:
//   2026-01-31T12:34:56.789Z I learner: version 12 published
// `role` says which process it is, e.g. "actor-3". Call it once, early in main, before other
// threads log. INVALID_ARGUMENT: no such level.
absl::Status InitLogging(absl::string_view role, absl::string_view level);

}  // namespace drover

#endif  // DROVER_COMMON_LOGGING_H_
