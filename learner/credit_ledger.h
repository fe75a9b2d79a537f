#ifndef DROVER_LEARNER_CREDIT_LEDGER_H_
#define DROVER_LEARNER_CREDIT_LEDGER_H_

#include <cstdint>
#include <map>
#include <vector>

#include "absl/status/status.h"

namespace drover {

// Who may have how much experience under way. One credit allows one unroll;
// a credit is in flight from its grant until its unroll arrives, then the
// unroll is queued until it has been trained, dropped or rejected.
//
// Invariant, at all times:
//   in_flight() + queued() <= capacity = max_policy_lag * batch
// so that in first-in-first-out order an unroll waits for at most
// max_policy_lag train steps. Grants are multiples of a stream's
// environments. The stream with the least in flight has its turn first, then
// the one whose last grant is longest ago; nobody overtakes it, so with more
// streams than credits all take turns.
//
// Pure bookkeeping, not thread-safe: the trajectory service owns it under its lock.
class CreditLedger {
 public:
  using StreamId = uint64_t;
  struct Grant {
    StreamId stream;
    int64_t unrolls;
  };

  // No stream gets more than max(batch, capacity / 2) in flight, so that from
  // max_policy_lag 2 on one that hangs cannot stop the others. `lockstep`: each
  // stream gets one grant, then the next when it is given another turn.
  CreditLedger(int64_t max_policy_lag, int64_t batch, bool lockstep = false);

  // OK if batches of `batch` can always be filled by streams of
  // `environments` each; else INVALID_ARGUMENT, with what would be allowed.
  static absl::Status CheckProgress(int64_t environments, int64_t batch, int64_t max_policy_lag);

  // A stream may be granted credits from now on, or, if it `waits`, from its next turn on.
  // `stream` is new.
  void Join(StreamId stream, int64_t environments, bool waits = false);
  // The stream is gone; what it had in flight returns. Its queued unrolls stay.
  void Leave(StreamId stream);

  // `unrolls` of a joined stream have arrived and are queued. False, and
  // nothing changes: it has fewer in flight.
  bool Receive(StreamId stream, int64_t unrolls);
  // `unrolls` queued ones, of whomever, are done with.
  void Release(int64_t unrolls);
  // Lockstep: each stream, or this one, may have a grant again.
  void NextTurns();
  void AnotherTurn(StreamId stream);

  // Grants what is free. Each grant must be sent.
  std::vector<Grant> Distribute();

  int64_t in_flight() const { return in_flight_; }
  int64_t queued() const { return queued_; }
  int64_t capacity() const { return capacity_; }

 private:
  struct Stream {
    int64_t environments;
    int64_t in_flight = 0;
    uint64_t last_turn = 0;  // of turns_, when it was last granted; 0: never
    bool had_turn = false;
  };

  bool MayHold(const Stream& stream) const;

  const int64_t capacity_;
  const int64_t stream_limit_;
  const bool lockstep_;
  std::map<StreamId, Stream> streams_;
  int64_t in_flight_ = 0;
  int64_t queued_ = 0;
  uint64_t turns_ = 0;
};

}  // namespace drover

#endif  // DROVER_LEARNER_CREDIT_LEDGER_H_
