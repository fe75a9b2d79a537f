#include "common/near_match.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace drover {

// The restricted Damerau-Levenshtein distance; a row for each prefix of a, the last three kept.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  const auto same = [](unsigned char x, unsigned char y) {
    return absl::ascii_tolower(x) == absl::ascii_tolower(y);
  };
  std::vector<size_t> before_last(b.size() + 1);
  std::vector<size_t> last(b.size() + 1);
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    std::swap(before_last, last);
    std::swap(last, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replace = last[j - 1] + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      row[j] = std::min({replace, last[j] + 1, row[j - 1] + 1});
      if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
  }
  return row[b.size()];
}

std::string NearMatch(absl::string_view name, const std::vector<std::string>& known) {
  std::string nearest;
  size_t least = std::string::npos;
  for (const std::string& candidate : known) {
    const size_t distance = EditDistance(name, candidate);
    if (distance <= std::max(name.size(), candidate.size()) / 3 && distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string UnknownName(absl::string_view kind, absl::string_view name,
                        const std::vector<std::string>& known) {
  const std::string nearest = NearMatch(name, known);
  const std::string question =
      nearest.empty() ? "" : absl::StrCat(" did you mean \"", nearest, "\"?");
  return absl::StrCat("unknown ", kind, " \"", name, "\";", question,
                      " known: ", absl::StrJoin(known, ", "));
}

}  // namespace drover
