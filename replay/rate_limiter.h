#ifndef DROVER_REPLAY_RATE_LIMITER_H_
#define DROVER_REPLAY_RATE_LIMITER_H_

#include <cstdint>
#include <limits>

#include "absl/status/status.h"
#include "proto/experiment.pb.h"

namespace drover {

// How inserts and samples of a table hold each other back, as Reverb's RateLimiter. With the
// balance
//   D = Σ over the items inserted of the samples_per_insert then in force − items sampled
// and band = max_diff − min_diff:
//   n items may be inserted  if size < least, or D + min(n · samples_per_insert, band / 2) <=
//   max_diff n items may be sampled   if size >= least and D − min(n, band / 2) >= min_diff
// where least = max(1, min_size). So a message of many items goes in whole, and a batch is sampled
// whole; one wider than half the band passes as if it were that wide, so that the two sides never
// wait for each other for ever.
struct RateLimit {
  static constexpr double kInfinity = std::numeric_limits<double>::infinity();

  uint32_t min_size = 1;          // items in the table before any is sampled
  double samples_per_insert = 1;  // > 0
  double min_diff = -kInfinity;
  double max_diff = kInfinity;

  // INVALID_ARGUMENT, saying why: samples_per_insert not above 0 or not finite, a NaN, or
  // min_diff not below max_diff.
  absl::Status Check() const;

  // Of the config, with its defaults. `error_buffer` b stands for
  //   min_diff, max_diff = min_size · samples_per_insert ∓ b, as Reverb's SampleToInsertRatio.
  static RateLimit Of(const RateLimitConfig& config);
};

// Pure bookkeeping: who asks waits elsewhere (replay/table.h). Not thread-safe.
class RateLimiter {
 public:
  // What is saved of it.
  struct State {
    uint64_t inserts = 0;  // items, ever
    uint64_t samples = 0;
    double balance = 0;  // D
  };

  // `limit` passes Check().
  explicit RateLimiter(const RateLimit& limit) : limit_(limit) {}

  // `size`: items in the table now.
  bool CanInsert(uint64_t items, uint64_t size) const;
  bool CanSample(uint64_t items, uint64_t size) const;

  void Inserted(uint64_t items);
  void Sampled(uint64_t items);

  // From now on; D stays.
  void Change(const RateLimit& limit) { limit_ = limit; }
  // No inserts will come that samples could wait for: min_diff holds nothing back any more.
  void FreeSamples() { samples_free_ = true; }
  void Restore(const State& state) { state_ = state; }

  const RateLimit& limit() const { return limit_; }
  const State& state() const { return state_; }

 private:
  double Cost(double items) const;  // min(items, band / 2)

  RateLimit limit_;
  State state_;
  bool samples_free_ = false;
};

}  // namespace drover

#endif  // DROVER_REPLAY_RATE_LIMITER_H_
