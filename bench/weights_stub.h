#ifndef DROVER_BENCH_WEIGHTS_STUB_H_
#define DROVER_BENCH_WEIGHTS_STUB_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"

// The subscribers' side of `drover bench weights`: a process that stands for the actors of a host.
namespace drover {

constexpr char kBenchRunId[] = "bench";
constexpr uint64_t kBenchEpoch = 1;
constexpr uint64_t kBenchLayout = 1;

struct WeightsStubOptions {
  std::string publisher;                // its address
  uint64_t first_member = 1;            // member ids of its subscribers
  int subscribers = 1;                  // each a WeightsSubscriber
  uint64_t bytes = 0;                   // of a version
  std::chrono::microseconds step{500};  // between two looks for newer weights
};

// Looks for newer weights as actors do, all subscribers in turn, until `stop`. One line for each
// version that one of them took: member id, version and the moment, in MonotonicSeconds().
absl::StatusOr<std::string> RunWeightsStub(const WeightsStubOptions& options,
                                           const std::function<bool()>& stop);

}  // namespace drover

#endif  // DROVER_BENCH_WEIGHTS_STUB_H_
