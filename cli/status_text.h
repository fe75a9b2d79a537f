#ifndef DROVER_CLI_STATUS_TEXT_H_
#define DROVER_CLI_STATUS_TEXT_H_

#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// A run's status for people: the progress block, then a line for each member.
std::string StatusText(const StatusReply& status);

// The same as one JSON object: run_id, run_dir, state, end_reason (null while it runs),
// uptime_seconds, frames, trained_frames, updates, version, episodes, mean_return (null: no episode
// yet), lag_mean, lag_max, dropped_unrolls, rejected_unrolls, refused_streams, queued_unrolls,
// frames_per_second, updates_per_second, dashboard (null: none), bottleneck {name, why, setting},
// metrics, and members: [{role, index, pid, epoch, alive,
// seconds_since_renewal, waits: [{on, seconds}], metrics}].
std::string StatusJson(const StatusReply& status);

}  // namespace drover

#endif  // DROVER_CLI_STATUS_TEXT_H_
