#ifndef DROVER_BENCH_THROUGHPUT_CASES_H_
#define DROVER_BENCH_THROUGHPUT_CASES_H_

#include <string>
#include <vector>

namespace drover {

// What `drover bench throughput --topology` measures: a config that comes with Drover, on CartPole,
// and the same with other sizes.
struct ThroughputCase {
  std::string name;                  // in JSON
  std::string title;                 // for people
  std::vector<std::string> changes;  // to the config: "path=value"
};

struct ThroughputCases {
  std::string topology;
  std::string config;                 // short name
  std::vector<ThroughputCase> cases;  // shipped; 1,024 frames a train step; fast
};

const std::vector<ThroughputCases>& AllThroughputCases();

// One of AllThroughputCases().
const ThroughputCases& CasesOf(const std::string& topology);

}  // namespace drover

#endif  // DROVER_BENCH_THROUGHPUT_CASES_H_
