#ifndef DROVER_COORDINATOR_EVENTS_JSON_H_
#define DROVER_COORDINATOR_EVENTS_JSON_H_

#include <nlohmann/json.hpp>

#include "proto/coordinator.pb.h"

namespace drover {

// What happened, oldest first, as the dashboard and `drover status --json` have it: "time" in
// seconds since 1970, "kind" and "text".
inline nlohmann::json EventsJson(const StatusReply& status) {
  nlohmann::json events = nlohmann::json::array();
  for (const Event& event : status.events()) {
    events.push_back({{"time", event.unix_seconds()},
                      {"kind", Event::Kind_Name(event.kind())},
                      {"text", event.text()}});
  }
  return events;
}

}  // namespace drover

#endif  // DROVER_COORDINATOR_EVENTS_JSON_H_
