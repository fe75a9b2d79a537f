#ifndef DROVER_COMMON_STATUS_MACROS_H_
#define DROVER_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// For functions that return absl::Status or absl::StatusOr.

// Returns the status of `expression` (an absl::Status) from the function unless it is OK.
#define DROVER_RETURN_IF_ERROR(expression)         \
  do {                                             \
    absl::Status drover_status = (expression);     \
    if (!drover_status.ok()) return drover_status; \
  } while (false)

// Puts the value of `expression` (an absl::StatusOr) into `target`, which may be a declaration,
// or returns its status from the function:
//   DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
#define DROVER_ASSIGN_OR_RETURN(target, expression) \
  DROVER_ASSIGN_OR_RETURN_(DROVER_UNIQUE_(drover_result_, __LINE__), target, expression)

#define DROVER_ASSIGN_OR_RETURN_(result, target, expression) \
  auto result = (expression);                                \
  if (!result.ok()) return std::move(result).status();       \
  target = *std::move(result)

#define DROVER_UNIQUE_(name, line) DROVER_CONCATENATE_(name, line)
#define DROVER_CONCATENATE_(name, line) name##line

#endif  // DROVER_COMMON_STATUS_MACROS_H_
