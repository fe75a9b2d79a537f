#include "replay/table_options.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace drover {

absl::StatusOr<TableOptions> TableOptions::Of(const ReplayTable& config) {
  TableOptions options;
  options.name = config.name();
  if (config.sampler() != SelectorConfig::unspecified) options.sampler = config.sampler();
  if (config.remover() != SelectorConfig::unspecified) options.remover = config.remover();
  if (config.has_priority_exponent()) options.priority_exponent = config.priority_exponent();
  if (config.has_capacity()) options.capacity = config.capacity();
  options.max_times_sampled = config.max_times_sampled();
  if (config.has_steps()) options.steps = config.steps();
  options.rate_limit = RateLimit::Of(config.rate_limit());
  DROVER_RETURN_IF_ERROR(options.Check());
  return options;
}

absl::Status TableOptions::Check() const {
  const auto bad = [&](const auto&... parts) {
    return absl::InvalidArgumentError(absl::StrCat("table \"", name, "\": ", parts...));
  };
  if (name.empty()) return bad("name is empty");
  if (capacity == 0 || capacity > kMaxCapacity) {
    return bad("capacity is ", capacity, "; allowed is 1 to ", kMaxCapacity);
  }
  if (steps == 0 || steps > kMaxSteps) {
    return bad("steps is ", steps, "; allowed is 1 to ", kMaxSteps);
  }
  if (!(priority_exponent >= 0 && priority_exponent <= kMaxExponent)) {
    return bad("priority_exponent is ", priority_exponent, "; allowed is 0 to ", kMaxExponent);
  }
  return CheckLimit(rate_limit);
}

absl::Status TableOptions::CheckLimit(const RateLimit& limit) const {
  if (limit.min_size > capacity) {
    return absl::InvalidArgumentError(absl::StrCat("table \"", name, "\": min_size is ",
                                                   limit.min_size, ", its capacity ", capacity));
  }
  if (const absl::Status status = limit.Check(); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("table \"", name, "\": ", status.message()));
  }
  return absl::OkStatus();
}

}  // namespace drover
