#include "learner/intake.h"

#include <utility>

namespace drover {

Intake::Intake(const Options& options, ReceivedTotals totals)
    : options_(options),
      totals_(std::move(totals)),
      ledger_(options.max_policy_lag, options.batch, options.lockstep) {}

Intake::Verdict Intake::Take(CreditLedger::StreamId stream, uint64_t member, uint64_t sequence,
                             bool finite, bool wanted) {
  if (!ledger_.Receive(stream, options_.message_unrolls)) return Verdict::kTooMany;
  uint64_t& last = totals_.last_sequence[member];
  const bool counts = wanted && !stopped_ && !budget_spent() && sequence > last;
  if (counts) {
    totals_.missing += sequence - last - 1;
    last = sequence;
  }
  if (counts && finite) {
    totals_.frames += options_.message_frames;
    return Verdict::kAccept;
  }
  if (counts) ++totals_.missing;
  ledger_.Release(options_.message_unrolls);
  if (wanted) ledger_.AnotherTurn(stream);  // its message is still to come
  return counts ? Verdict::kReject : Verdict::kIgnore;
}

std::vector<CreditLedger::Grant> Intake::Grants() {
  if (stopped_) return {};
  return ledger_.Distribute();
}

void Intake::KeepState(uint64_t member, std::string state) {
  totals_.states[member] = std::move(state);
}

std::string Intake::state(uint64_t member) const {
  const auto found = totals_.states.find(member);
  return found == totals_.states.end() ? "" : found->second;
}

uint64_t Intake::last_sequence(uint64_t member) const {
  const auto found = totals_.last_sequence.find(member);
  return found == totals_.last_sequence.end() ? 0 : found->second;
}

}  // namespace drover
