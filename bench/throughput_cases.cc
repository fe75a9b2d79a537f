#include "bench/throughput_cases.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/check.h"

namespace drover {
namespace {

struct Sizes {
  int actors;
  int environments;
  int unroll;
};

// `set_batch`: the config says what a train step takes; here it is an unroll of each environment.
std::vector<std::string> ConfigChanges(const Sizes& sizes, bool set_batch) {
  std::vector<std::string> changes = {absl::StrCat("actors.count=", sizes.actors),
                                      absl::StrCat("actors.environments=", sizes.environments),
                                      absl::StrCat("actors.unroll=", sizes.unroll)};
  if (set_batch) {
    changes.push_back(absl::StrCat("learner.batch=", sizes.actors * sizes.environments));
  }
  return changes;
}

ThroughputCases Make(const std::string& topology, const Sizes& frames_1024, const Sizes& fast,
                     bool set_batch = false) {
  return {topology,
          absl::StrCat("cartpole_", topology),
          {{"shipped", "as shipped", {}},
           {"frames_1024", "1,024 frames a train step", ConfigChanges(frames_1024, set_batch)},
           {"fast", "sizes for speed", ConfigChanges(fast, set_batch)}}};
}

}  // namespace

const std::vector<ThroughputCases>& AllThroughputCases() {
  static const auto* const all = new std::vector<ThroughputCases>{
      Make("impala", {2, 32, 16}, {2, 256, 20}, /*set_batch=*/true),
      Make("a2c", {2, 32, 16}, {2, 512, 20}),
      Make("a3c", {2, 64, 16}, {2, 512, 20}),
  };
  return *all;
}

const ThroughputCases& CasesOf(const std::string& topology) {
  const auto& all = AllThroughputCases();
  const auto found = std::find_if(all.begin(), all.end(), [&topology](const ThroughputCases& c) {
    return c.topology == topology;
  });
  DROVER_CHECK(found != all.end()) << topology;
  return *found;
}

}  // namespace drover
