#ifndef DROVER_LEARNER_INTAKE_H_
#define DROVER_LEARNER_INTAKE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "learner/credit_ledger.h"

namespace drover {

// What was received so far; part of a checkpoint.
struct ReceivedTotals {
  uint64_t frames = 0;                         // environment steps accepted
  std::map<uint64_t, uint64_t> last_sequence;  // highest received, by member
  // Sequence numbers up to those that count no frames: lost under way or with a learner, or
  // rejected. So frames = (sum of last_sequence - missing) * frames of a message.
  uint64_t missing = 0;
  std::map<uint64_t, std::string> states;  // lockstep: of the newest accepted, by member
  uint64_t replay_frames = 0;  // with replay: of `frames`, those that the servers as they are know
};

// Decides for each well-formed message whether it counts, so that each frame
// counts once, none past max_frames, and credits come back in every case but
// acceptance. Pure bookkeeping, not thread-safe: the trajectory receiver owns
// it under its lock.
class Intake {
 public:
  struct Options {
    int64_t message_unrolls = 0;  // E
    uint64_t message_frames = 0;  // T * E
    uint64_t max_frames = 0;
    int64_t batch = 0;
    int64_t max_policy_lag = 0;
    bool lockstep = false;
  };

  Intake(const Options& options, ReceivedTotals totals);

  enum class Verdict {
    kAccept,   // counted; Release() its unrolls when they are done with
    kReject,   // its values are not finite: never to be sent again
    kIgnore,   // received before, or it came after the end
    kTooMany,  // the stream had no credits for it
  };
  // A message of `member`, which came on `stream`. One that is not `wanted` is ignored.
  Verdict Take(CreditLedger::StreamId stream, uint64_t member, uint64_t sequence, bool finite,
               bool wanted = true);

  // Nothing counts from now on, and nothing is granted.
  void Stop() { stopped_ = true; }
  bool stopped() const { return stopped_; }

  // Credits to hand out now; none once stopped.
  std::vector<CreditLedger::Grant> Grants();

  // No further message fits into max_frames.
  bool budget_spent() const {
    return totals_.frames + options_.message_frames > options_.max_frames;
  }
  uint64_t last_sequence(uint64_t member) const;
  // Lockstep: the state that came with the newest message of `member` that was accepted.
  void KeepState(uint64_t member, std::string state);
  std::string state(uint64_t member) const;  // empty: none
  const ReceivedTotals& totals() const { return totals_; }
  CreditLedger& ledger() { return ledger_; }
  const CreditLedger& ledger() const { return ledger_; }

 private:
  const Options options_;
  ReceivedTotals totals_;
  CreditLedger ledger_;
  bool stopped_ = false;
};

}  // namespace drover

#endif  // DROVER_LEARNER_INTAKE_H_
