#ifndef DROVER_COORDINATOR_METRICS_PAGE_H_
#define DROVER_COORDINATOR_METRICS_PAGE_H_

#include <cstdint>
#include <map>
#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// The coordinator's /metrics: the run's own figures, and each live member's newest report
// (client/report_prometheus.h) with labels role, index and host. `events`: how many of each kind
// there were.
std::string MetricsPage(const StatusReply& status, const std::map<Event::Kind, uint64_t>& events);

}  // namespace drover

#endif  // DROVER_COORDINATOR_METRICS_PAGE_H_
