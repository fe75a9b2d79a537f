#ifndef DROVER_COORDINATOR_DASHBOARD_PAST_RUNS_H_
#define DROVER_COORDINATOR_DASHBOARD_PAST_RUNS_H_

#include <string>

#include "absl/status/statusor.h"

namespace drover {

// The runs that lie beside this one, to compare with: folders of the same directory with a
// metrics.jsonl. `run_dir` is this run's.

// As JSON, the newest 50, this one first: [{"name", "current", "summary": summary.json or null}].
std::string PastRunsJson(const std::string& run_dir);

// A run's curve as JSON, at most 400 points evenly spread:
// [[seconds, frames, mean_return or null, return_std or null, frames_per_second, trained_frames,
// updates], …]. NOT_FOUND: no such run; `name` comes from a browser and may be anything.
absl::StatusOr<std::string> CurveJson(const std::string& run_dir, const std::string& name);

// Its config.textproto; errors as CurveJson.
absl::StatusOr<std::string> ConfigText(const std::string& run_dir, const std::string& name);

}  // namespace drover

#endif  // DROVER_COORDINATOR_DASHBOARD_PAST_RUNS_H_
