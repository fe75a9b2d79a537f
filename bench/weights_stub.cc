#include "bench/weights_stub.h"

#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/str_format.h"
#include "client/weights_subscriber.h"
#include "common/clock.h"
#include "common/rpc/address.h"

namespace drover {
namespace {

struct Stub {
  uint64_t member;
  std::unique_ptr<WeightsSubscriber> subscriber;
  WeightSet set;  // it acts with
};

Stub MakeStub(const WeightsStubOptions& options, uint64_t member) {
  WeightsSubscriber::Options subscribe;
  subscribe.identity = [member] { return Identity{kBenchRunId, member, kBenchEpoch, 1}; };
  subscribe.publisher = [endpoint = LocalEndpoint({options.publisher})](
                            std::chrono::milliseconds) -> absl::StatusOr<Endpoint> {
    return endpoint;
  };
  subscribe.layout = {kBenchLayout, options.bytes};
  return {member, std::make_unique<WeightsSubscriber>(std::move(subscribe)), {}};
}

}  // namespace

absl::StatusOr<std::string> RunWeightsStub(const WeightsStubOptions& options,
                                           const std::function<bool()>& stop) {
  std::vector<Stub> stubs;
  stubs.reserve(static_cast<size_t>(options.subscribers));
  for (int i = 0; i < options.subscribers; ++i) {
    stubs.push_back(MakeStub(options, options.first_member + static_cast<uint64_t>(i)));
  }
  std::string taken;
  while (!stop()) {
    for (Stub& stub : stubs) {
      if (!stub.subscriber->Take(&stub.set)) continue;
      absl::StrAppendFormat(&taken, "%d %d %.9f\n", stub.member, stub.set.header.version(),
                            MonotonicSeconds());
    }
    std::this_thread::sleep_for(options.step);
  }
  for (const Stub& stub : stubs) {
    if (absl::Status status = stub.subscriber->status(); !status.ok()) return status;
    if (stub.subscriber->counters().damaged > 0) return absl::DataLossError("damaged weights");
  }
  return taken;
}

}  // namespace drover
