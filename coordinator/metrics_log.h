#ifndef DROVER_COORDINATOR_METRICS_LOG_H_
#define DROVER_COORDINATOR_METRICS_LOG_H_

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/append_file.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A line of metrics.jsonl, without its end: how the run stands.
//   time (unix, seconds), state, seconds (since the first environment step), frames,
//   trained_frames, updates, version, episodes, mean_return (null: no episode yet), lag_mean,
//   lag_max, dropped_unrolls, rejected_unrolls, refused_streams, queued_unrolls,
//   frames_per_second, updates_per_second, checkpoint_error (null: the last one was written),
//   members {role: live ones},
//   metrics {name: value} as the learner reports them
std::string MetricsLine(const StatusReply& status, double unix_seconds);

// A line of metrics.jsonl for an evaluator's point: time, evaluation {version, frames, episodes,
// mean, std}.
std::string EvaluationLine(const EvaluationPoint& point, double unix_seconds);

// metrics.jsonl: appends lines, each flushed as it is written, so that a reader sees whole lines
// up to a second ago and a resumed run goes on in the same file. Not thread-safe.
class MetricsLog {
 public:
  // Opens or creates the file.
  static absl::StatusOr<MetricsLog> Open(const std::string& path);

  // Adds a line. After an error (a full disk) it is lost; later ones are tried again.
  absl::Status Append(const std::string& line) { return file_.Append(line + "\n"); }

 private:
  explicit MetricsLog(AppendFile file) : file_(std::move(file)) {}

  AppendFile file_;
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_METRICS_LOG_H_
