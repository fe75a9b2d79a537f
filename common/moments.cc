#include "common/moments.h"

#include <limits>

#include "absl/strings/str_cat.h"

namespace drover {

size_t MomentsSizes::MaxBytes() const {
  constexpr size_t kHeaderBytes = 64;  // of both
  return kHeaderBytes + 2 * sizeof(double) * (observations + returns);
}

MomentsSizes MomentsSizesOf(const Normalization& config, size_t observation) {
  return {config.observations() ? observation : 0, config.returns() ? size_t{1} : 0};
}

absl::Status CheckMoments(const char* what, bool present, const Moments& moments, size_t size,
                          size_t count) {
  if (present != (size > 0)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, present ? ", which this run does not have" : " are missing"));
  }
  if (!present) return absl::OkStatus();
  const auto means = static_cast<size_t>(moments.mean_size());
  if (means != size || moments.m2_size() != moments.mean_size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " of ", means, " and ", moments.m2_size(), " numbers, not ", size));
  }
  if (moments.count() != static_cast<double>(count)) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " of ", moments.count(), " steps; there are ", count));
  }
  for (const double m2 : moments.m2()) {
    if (m2 < 0) return absl::InvalidArgumentError(absl::StrCat(what, ": an m2 of ", m2));
  }
  return absl::OkStatus();
}

// Of merged ones the mean square is between theirs.
absl::Status CheckMomentsFinite(const char* what, const Moments& moments) {
  constexpr double kLargest = std::numeric_limits<float>::max();
  for (int i = 0; i < moments.mean_size(); ++i) {
    const double mean = moments.mean(i);
    const double square = mean * mean + moments.m2(i) / moments.count();
    if (square <= kLargest * kLargest) continue;  // false for NaN
    return absl::InvalidArgumentError(
        absl::StrCat(what, ": number ", i, " is of a mean square of ", square));
  }
  return absl::OkStatus();
}

}  // namespace drover
