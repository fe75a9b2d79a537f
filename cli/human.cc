#include "cli/human.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace drover {
namespace {

constexpr double kLongest = 1e9;  // seconds: some thirty years are as good as unknown

}  // namespace

std::string FormatDuration(double seconds) {
  if (!(seconds >= 0 && seconds < kLongest)) return "–";
  const auto whole = static_cast<int64_t>(seconds);
  const int64_t hours = whole / 3600;
  if (hours == 0) return absl::StrFormat("%d:%02d", whole / 60, whole % 60);
  return absl::StrFormat("%d:%02d:%02d", hours, whole / 60 % 60, whole % 60);
}

std::string FormatCount(uint64_t count) {
  std::string digits = absl::StrCat(count);
  for (int i = static_cast<int>(digits.size()) - 3; i > 0; i -= 3) digits.insert(i, ",");
  return digits;
}

std::string FormatNumber(double number) {
  if (!std::isfinite(number)) return "–";
  const double size = std::abs(number);
  if (size >= 999.5) {
    return absl::StrCat(number < 0 ? "-" : "",
                        FormatCount(static_cast<uint64_t>(std::llround(size))));
  }
  const int decimals = size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;
  return absl::StrFormat("%.*f", decimals, number);
}

}  // namespace drover
