#ifndef DROVER_CLIENT_REPORT_PROMETHEUS_H_
#define DROVER_CLIENT_REPORT_PROMETHEUS_H_

#include "common/prometheus.h"
#include "proto/coordinator.pb.h"

namespace drover {

// What a member says of itself, as Prometheus has it: the same families wherever they are shown,
// by the process itself or by the coordinator for all. docs/monitoring.md lists them. `labels`
// say whose they are: role, index, host.
void AddReport(const PrometheusText::Labels& labels, Role::Kind role, const Report& report,
               PrometheusText* text);

}  // namespace drover

#endif  // DROVER_CLIENT_REPORT_PROMETHEUS_H_
