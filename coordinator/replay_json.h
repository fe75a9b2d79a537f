#ifndef DROVER_COORDINATOR_REPLAY_JSON_H_
#define DROVER_COORDINATOR_REPLAY_JSON_H_

#include <nlohmann/json.hpp>

#include "proto/coordinator.pb.h"

namespace drover {

// What a replay server says of itself, as metrics.jsonl and `drover status --json` show it: the
// fields of ReplayReport under their names, with "checkpoint_error" null where there is none.
nlohmann::ordered_json ReplayJson(const ReplayReport& report);

}  // namespace drover

#endif  // DROVER_COORDINATOR_REPLAY_JSON_H_
