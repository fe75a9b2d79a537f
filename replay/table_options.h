#ifndef DROVER_REPLAY_TABLE_OPTIONS_H_
#define DROVER_REPLAY_TABLE_OPTIONS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/experiment.pb.h"
#include "replay/rate_limiter.h"

namespace drover {

// What a table is. The FIFO queue of n items: sampler and remover fifo, max_times_sampled 1,
// rate limit {samples_per_insert 1, min_diff 0, max_diff n}, capacity n.
struct TableOptions {
  static constexpr uint32_t kMaxCapacity = 1U << 24;
  static constexpr uint32_t kMaxSteps = 1U << 16;
  static constexpr double kMaxExponent = 10;

  std::string name;
  SelectorConfig::Kind sampler = SelectorConfig::uniform;
  SelectorConfig::Kind remover = SelectorConfig::fifo;
  double priority_exponent = 0.6;  // α
  uint32_t capacity = 1'000'000;
  uint32_t max_times_sampled = 0;  // 0: no limit
  uint32_t steps = 1;              // L
  RateLimit rate_limit;

  // With the defaults of proto/experiment.proto. INVALID_ARGUMENT: Check() says why.
  static absl::StatusOr<TableOptions> Of(const ReplayTable& config);

  // INVALID_ARGUMENT, naming table and field: a value out of its range, or CheckLimit.
  absl::Status Check() const;
  // INVALID_ARGUMENT: no rate limit for this table: RateLimit::Check, or its min_size is above the
  // capacity.
  absl::Status CheckLimit(const RateLimit& limit) const;
};

}  // namespace drover

#endif  // DROVER_REPLAY_TABLE_OPTIONS_H_
