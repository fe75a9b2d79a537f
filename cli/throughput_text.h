#ifndef DROVER_CLI_THROUGHPUT_TEXT_H_
#define DROVER_CLI_THROUGHPUT_TEXT_H_

#include <nlohmann/json.hpp>
#include <string>

#include "bench/throughput_run.h"

namespace drover {

// What `drover bench throughput` measured, for people.
std::string ThroughputText(const ThroughputRun& run);

// The same as one JSON object: seconds, frames_per_second (trained), received_frames_per_second,
// acted_frames_per_second, versions_per_second, frames_per_cpu_second, batch_unrolls, batch_steps,
// lag_mean, lag_max, dropped_unrolls, cores, load, receive_share, least_accounted, threads: {name:
// {part: share of the thread's time, …, "sum"}}, processes: {name: {cpu_share, resident_bytes,
// private_bytes}}, memory: [{seconds, learner_bytes, coordinator_bytes}].
nlohmann::ordered_json ThroughputJson(const ThroughputRun& run);

}  // namespace drover

#endif  // DROVER_CLI_THROUGHPUT_TEXT_H_
