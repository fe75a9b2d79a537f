#ifndef DROVER_CLI_REPORT_H_
#define DROVER_CLI_REPORT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"

namespace drover {

// Reads a run's summary.json. NOT_FOUND: it has none, so it has not ended; DATA_LOSS: no JSON
// object.
absl::StatusOr<nlohmann::json> ReadSummary(const std::string& run_dir);

// What came of a run, for people: why and when it ended, return, evaluation, and where its files
// are.
std::string SummaryText(const nlohmann::json& summary, const std::string& run_dir);

}  // namespace drover

#endif  // DROVER_CLI_REPORT_H_
