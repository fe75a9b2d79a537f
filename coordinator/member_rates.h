#ifndef DROVER_COORDINATOR_MEMBER_RATES_H_
#define DROVER_COORDINATOR_MEMBER_RATES_H_

#include <cstdint>

#include "coordinator/earlier.h"
#include "proto/coordinator.pb.h"

namespace drover {

// How fast a run goes, between `earlier` and now; since the start where there is nothing earlier.
struct RunRates {
  double trained = 0;              // frames a second that went into a gradient
  double samples_per_insert = -1;  // of all replay tables, since their start; -1: there are none
};
RunRates RatesOf(const Earlier& earlier, const StatusReply& now);

// Likewise of one process.
struct MemberRates {
  // A second: an actor's environment steps, a learner's frames received, a replay server's items
  // drawn; 0 of others.
  double rate = 0;
  double cores = 0;  // that it keeps busy
};
MemberRates RatesOf(const Earlier& earlier, const MemberStatus& now);

// Of the weights that an actor acts with, or that a learner has published; 0: of others.
uint64_t VersionOf(const MemberStatus& member);

}  // namespace drover

#endif  // DROVER_COORDINATOR_MEMBER_RATES_H_
