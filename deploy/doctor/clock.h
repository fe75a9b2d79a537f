#ifndef DROVER_DEPLOY_DOCTOR_CLOCK_H_
#define DROVER_DEPLOY_DOCTOR_CLOCK_H_

#include <string>

#include "absl/time/time.h"
#include "deploy/doctor/finding.h"

// Clocks of hosts: certificates are valid by them, and events and metrics are told by them. Nothing
// else in a run looks at the time of day.
namespace drover {

// This host's. It cannot be earlier than `written`, when the program's file was made; `kept`: the
// kernel says that something keeps it right.
Finding CheckClock(absl::Time now, absl::Time written, bool kept);

// Whether the kernel says so.
bool ClockIsKept();

// How far a peer's is ahead of this one: `told` by its answer to a call that lasted from `asked` to
// `heard`.
Finding CheckClockOf(const std::string& peer, absl::Time asked, absl::Time told, absl::Time heard);

// What sets this host's clock.
std::string SetClock();

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_CLOCK_H_
