#include "replay/rate_limiter.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"

namespace drover {

absl::Status RateLimit::Check() const {
  if (!(samples_per_insert > 0) || !std::isfinite(samples_per_insert)) {
    return absl::InvalidArgumentError(
        absl::StrCat("samples_per_insert is ", samples_per_insert, "; it must be above 0"));
  }
  if (!(min_diff < max_diff)) {
    return absl::InvalidArgumentError(
        absl::StrCat("min_diff is ", min_diff, ", max_diff ", max_diff, "; it must be above"));
  }
  return absl::OkStatus();
}

RateLimit RateLimit::Of(const RateLimitConfig& config) {
  RateLimit limit;
  if (config.has_min_size()) limit.min_size = config.min_size();
  if (config.has_samples_per_insert()) limit.samples_per_insert = config.samples_per_insert();
  if (config.has_error_buffer()) {
    const double middle = limit.min_size * limit.samples_per_insert;
    limit.min_diff = middle - config.error_buffer();
    limit.max_diff = middle + config.error_buffer();
  }
  if (config.has_min_diff()) limit.min_diff = config.min_diff();
  if (config.has_max_diff()) limit.max_diff = config.max_diff();
  return limit;
}

double RateLimiter::Cost(double items) const {
  constexpr double kHalf = 0.5 * (1 - 1e-9);  // a hair less: both sides' rounding must fit in, too
  return std::min(items, (limit_.max_diff - limit_.min_diff) * kHalf);
}

bool RateLimiter::CanInsert(uint64_t items, uint64_t size) const {
  if (size < std::max(1U, limit_.min_size)) return true;
  const double cost = Cost(static_cast<double>(items) * limit_.samples_per_insert);
  return state_.balance + cost <= limit_.max_diff;
}

bool RateLimiter::CanSample(uint64_t items, uint64_t size) const {
  if (size < std::max(1U, limit_.min_size)) return false;
  return samples_free_ || state_.balance - Cost(static_cast<double>(items)) >= limit_.min_diff;
}

void RateLimiter::Inserted(uint64_t items) {
  state_.inserts += items;
  state_.balance += static_cast<double>(items) * limit_.samples_per_insert;
}

void RateLimiter::Sampled(uint64_t items) {
  state_.samples += items;
  state_.balance -= static_cast<double>(items);
}

}  // namespace drover
