#ifndef DROVER_ACTOR_TRANSPORT_H_
#define DROVER_ACTOR_TRANSPORT_H_

#include <chrono>

#include "absl/status/status.h"
#include "proto/trajectory.pb.h"

namespace drover {

// How experience leaves an actor: all that the loop knows of it. One thread.
class Transport {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~Transport() = default;

  // Takes a credit for each environment; the loop asks before an unroll's
  // first step. DEADLINE_EXCEEDED: ask again; CANCELLED: no more is wanted;
  // other errors are for good.
  virtual absl::Status AcquireCredits(Time deadline) = 0;

  // Hands over what was made with those credits and sets its sequence number; the rest is as it
  // was. ABORTED: it is lost, with its credits; go on. Other errors as above.
  virtual absl::Status Send(Unrolls* unrolls) = 0;

  // No more is wanted: leave the unroll at hand. AcquireCredits says why. Asked at each step.
  virtual bool over() const = 0;
};

}  // namespace drover

#endif  // DROVER_ACTOR_TRANSPORT_H_
