#ifndef DROVER_COMMON_RPC_REFUSALS_H_
#define DROVER_COMMON_RPC_REFUSALS_H_

#include <array>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "common/mutex.h"

namespace drover {

// Why a peer was turned away before anything that it said was decoded.
enum class Refusal {
  kConnectionRate,      // too many connections from its address
  kHandshake,           // it does not speak TLS, breaks off, or takes too long
  kNoCertificate,       // it shows none
  kUnknownAuthority,    // its certificate is of another authority
  kExpiredCertificate,  // or one not valid yet
  kBadCertificate,      // for another reason, e.g. one that may not act as a client
  kNoToken,             // a call without
  kWrongToken,          // one that nobody has, or that of another role than the certificate's
  kWrongRole,           // a role that may not make this call, or be this member
};
constexpr size_t kRefusals = 9;

// "wrong_token": for metrics.
absl::string_view RefusalName(Refusal reason);

// Counts whom this process refused, and writes it to the log, one line a second for each reason.
// Thread-safe.
class Refusals {
 public:
  using Clock = std::chrono::steady_clock;

  struct Snapshot {
    uint64_t total = 0;
    std::map<std::string, uint64_t> by_reason;  // those that happened, by RefusalName
    std::string last;                           // the newest, for people: who and why
  };

  // Those of this process: its server adds to them, what it reports reads them.
  static Refusals& OfProcess();

  // `who`: what is known of the peer, and what it wanted.
  void Add(Refusal reason, absl::string_view who, Clock::time_point now = Clock::now());

  Snapshot snapshot() const;
  uint64_t total() const { return snapshot().total; }

 private:
  struct Count {
    uint64_t total = 0;
    uint64_t silent = 0;  // since the last line in the log
    Clock::time_point logged = Clock::time_point::min();
  };

  mutable Mutex mutex_;
  std::array<Count, kRefusals> counts_ DROVER_GUARDED_BY(mutex_);
  std::string last_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_REFUSALS_H_
