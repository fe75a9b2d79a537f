#ifndef DROVER_REPLAY_INSERT_OUTBOX_H_
#define DROVER_REPLAY_INSERT_OUTBOX_H_

#include <cstdint>
#include <optional>
#include <string>

#include "proto/replay.pb.h"

namespace drover {

// What a replay server has yet to say to one writer. Bounded by itself: of everything there is one,
// since an acknowledgement stands for those before it. Not thread-safe.
class InsertOutbox {
 public:
  void Welcome(uint64_t last_sequence, uint64_t frames);
  void Reject(uint64_t sequence, const std::string& reason);  // the one before was sent
  void Acknowledge(uint64_t sequence, uint64_t frames);       // ascending
  void Drain() { drain_ = true; }
  void Heartbeat() { heartbeat_ = true; }

  // A rejection is to be sent: nothing should be read before, so that there is never a second.
  bool rejecting() const { return rejected_.has_value(); }

  // The next message: in the order above. Sent() says that it went out.
  std::optional<InsertAnswer> Next() const;
  void Sent();

 private:
  std::optional<InsertWelcome> welcome_;
  std::optional<Rejected> rejected_;
  std::optional<Ack> ack_;
  bool drain_ = false;
  bool heartbeat_ = false;
};

}  // namespace drover

#endif  // DROVER_REPLAY_INSERT_OUTBOX_H_
