#ifndef DROVER_CLIENT_REPORT_WAIT_H_
#define DROVER_CLIENT_REPORT_WAIT_H_

#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// Says in a report that its sender waits on something, since so many seconds; 0: it does not.
inline void AddWait(const std::string& on, double seconds, Report* report) {
  if (seconds <= 0) return;
  Wait* wait = report->add_waits();
  wait->set_on(on);
  wait->set_seconds(seconds);
}

}  // namespace drover

#endif  // DROVER_CLIENT_REPORT_WAIT_H_
