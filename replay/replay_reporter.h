#ifndef DROVER_REPLAY_REPLAY_REPORTER_H_
#define DROVER_REPLAY_REPLAY_REPORTER_H_

#include <map>
#include <string>

#include "proto/coordinator.pb.h"
#include "proto/replay.pb.h"

namespace drover {

// Makes a replay server's reports to the coordinator out of what Info says.
// One thread at a time.
class ReplayReporter {
 public:
  // `seconds`: the time now, on a clock that never goes back. Rates are since the call before.
  Report Make(const InfoReply& info, double seconds);

 private:
  struct Before {
    double seconds = 0;
    double inserts = 0;
    double samples = 0;
  };
  std::map<std::string, Before> before_;  // by table
};

}  // namespace drover

#endif  // DROVER_REPLAY_REPLAY_REPORTER_H_
