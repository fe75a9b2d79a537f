#include "learner/credit_ledger.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/check.h"

namespace drover {

CreditLedger::CreditLedger(int64_t max_policy_lag, int64_t batch, bool lockstep)
    : capacity_(max_policy_lag * batch),
      stream_limit_(std::max(batch, capacity_ / 2)),
      lockstep_(lockstep) {
  DROVER_CHECK(max_policy_lag > 0 && batch > 0);
}

absl::Status CreditLedger::CheckProgress(int64_t environments, int64_t batch,
                                         int64_t max_policy_lag) {
  // The most that can lie in the queue without making a batch, nothing in flight.
  const int64_t remainder = batch - std::gcd(batch, environments);
  const int64_t free = max_policy_lag * batch - remainder;
  if (environments <= free) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("credits for max_policy_lag * batch = ", max_policy_lag, " * ", batch,
                   " unrolls cannot always fill a batch from actors of ", environments,
                   " environments: choose a batch that is a multiple of ", environments,
                   ", or a higher max_policy_lag"));
}

void CreditLedger::Join(StreamId stream, int64_t environments, bool waits) {
  DROVER_CHECK(environments > 0);
  Stream joined{environments};
  joined.had_turn = waits;
  const bool is_new = streams_.emplace(stream, joined).second;
  DROVER_CHECK(is_new);
}

void CreditLedger::Leave(StreamId stream) {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return;
  in_flight_ -= found->second.in_flight;
  streams_.erase(found);
}

bool CreditLedger::Receive(StreamId stream, int64_t unrolls) {
  const auto found = streams_.find(stream);
  if (found == streams_.end() || found->second.in_flight < unrolls) return false;
  found->second.in_flight -= unrolls;
  in_flight_ -= unrolls;
  queued_ += unrolls;
  return true;
}

void CreditLedger::Release(int64_t unrolls) {
  DROVER_CHECK(unrolls <= queued_);
  queued_ -= unrolls;
}

void CreditLedger::NextTurns() {
  for (auto& [id, stream] : streams_) stream.had_turn = false;
}

void CreditLedger::AnotherTurn(StreamId stream) {
  const auto found = streams_.find(stream);
  if (found != streams_.end()) found->second.had_turn = false;
}

bool CreditLedger::MayHold(const Stream& stream) const {
  if (lockstep_) return !stream.had_turn;
  return stream.in_flight == 0 || stream.in_flight + stream.environments <= stream_limit_;
}

std::vector<CreditLedger::Grant> CreditLedger::Distribute() {
  std::map<StreamId, int64_t> granted;
  for (;;) {
    std::pair<const StreamId, Stream>* next = nullptr;
    for (auto& entry : streams_) {
      const Stream& stream = entry.second;
      if (!MayHold(stream)) continue;
      if (next == nullptr || std::tie(stream.in_flight, stream.last_turn) <
                                 std::tie(next->second.in_flight, next->second.last_turn)) {
        next = &entry;
      }
    }
    if (next == nullptr) break;
    Stream& stream = next->second;
    if (in_flight_ + queued_ + stream.environments > capacity_) break;
    stream.in_flight += stream.environments;
    stream.last_turn = ++turns_;
    stream.had_turn = true;
    in_flight_ += stream.environments;
    granted[next->first] += stream.environments;
  }
  std::vector<Grant> grants;
  grants.reserve(granted.size());
  for (const auto& [stream, unrolls] : granted) grants.push_back({stream, unrolls});
  return grants;
}

}  // namespace drover
