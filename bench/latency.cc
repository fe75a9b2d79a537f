#include "bench/latency.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/check.h"
#include "common/status_macros.h"

namespace drover {
namespace {

// By member id: the moment that it took each version.
using Instants = std::map<uint64_t, std::map<uint64_t, double>>;

absl::StatusOr<Instants> Parse(const std::string& taken) {
  Instants instants;
  for (const absl::string_view line : absl::StrSplit(taken, '\n', absl::SkipEmpty())) {
    const std::vector<absl::string_view> words = absl::StrSplit(line, ' ');
    uint64_t member = 0;
    uint64_t version = 0;
    double moment = 0;
    if (words.size() != 3 || !absl::SimpleAtoi(words[0], &member) ||
        !absl::SimpleAtoi(words[1], &version) || !absl::SimpleAtod(words[2], &moment)) {
      return absl::InvalidArgumentError(absl::StrCat("a subscriber wrote \"", line, "\""));
    }
    instants[member][version] = moment;
  }
  return instants;
}

}  // namespace

double Percentile(std::vector<double> values, double share) {
  DROVER_CHECK(!values.empty());
  std::sort(values.begin(), values.end());
  const double rank = std::ceil(share * static_cast<double>(values.size()));
  return values[static_cast<size_t>(std::max(rank, 1.0)) - 1];
}

absl::StatusOr<Latencies> MeasureLatencies(const std::map<uint64_t, double>& published,
                                           uint64_t subscribers, const std::string& taken) {
  DROVER_ASSIGN_OR_RETURN(const auto members, Parse(taken));
  if (members.size() != subscribers || published.empty()) {
    return absl::DataLossError(absl::StrCat("of ", subscribers, " subscribers, ", members.size(),
                                            " had any of ", published.size(), " versions"));
  }
  std::vector<double> each;
  std::vector<double> last;
  for (const auto& [version, at] : published) {
    last.push_back(0);
    for (const auto& [member, instants] : members) {
      const auto acted = instants.lower_bound(version);
      if (acted == instants.end()) {
        return absl::DataLossError(
            absl::StrCat("subscriber ", member, " never had version ", version));
      }
      each.push_back(acted->second - at);
      last.back() = std::max(last.back(), each.back());
    }
  }
  return Latencies{Percentile(each, 0.5), Percentile(each, 0.99), Percentile(each, 1),
                   Percentile(last, 0.5), each.size()};
}

}  // namespace drover
