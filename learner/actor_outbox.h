#ifndef DROVER_LEARNER_ACTOR_OUTBOX_H_
#define DROVER_LEARNER_ACTOR_OUTBOX_H_

#include <cstdint>
#include <optional>
#include <string>

#include "proto/trajectory.pb.h"

namespace drover {

// What the learner has yet to say to one actor. Bounded by itself: credits
// add up, of everything else there is one. Not thread-safe.
class ActorOutbox {
 public:
  void Welcome(uint64_t last_sequence, const std::string& state);
  void Reject(uint64_t sequence, const std::string& reason);  // the one before was sent
  void Drain();  // credits that were not sent yet are void
  void Grant(int64_t unrolls, uint64_t version);
  void Heartbeat();

  // A rejection is to be sent: nothing should be read before, so that there
  // is never a second.
  bool rejecting() const { return rejected_.has_value(); }

  // The next message: in the order above. Sent() says that it went out.
  std::optional<LearnerMessage> Next() const;
  void Sent();

 private:
  std::optional<drover::Welcome> welcome_;
  std::optional<Rejected> rejected_;
  bool drain_ = false;
  int64_t credits_ = 0;
  uint64_t version_ = 0;  // of the newest grant
  bool heartbeat_ = false;
};

}  // namespace drover

#endif  // DROVER_LEARNER_ACTOR_OUTBOX_H_
