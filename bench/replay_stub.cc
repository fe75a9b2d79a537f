#include "bench/replay_stub.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "bench/latency.h"
#include "bench/replay_experience.h"
#include "client/replay_sampler.h"
#include "client/replay_writer.h"
#include "common/clock.h"
#include "common/random.h"
#include "common/rpc/address.h"
#include "common/spec.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{100};
constexpr std::chrono::seconds kLongest{20};
constexpr uint64_t kMessages = 4;  // that a writer sends in turn

PeerFn PeerAt(const std::string& address) {
  return [endpoint = LocalEndpoint({address})](
             std::chrono::milliseconds) -> absl::StatusOr<Endpoint> { return endpoint; };
}

std::unique_ptr<ReplayWriter> MakeWriter(const ReplayStubOptions& options) {
  const ReplayShape shape(options.item_bytes);
  ReplayWriter::Options writer;
  writer.identity = [id = options.client + 1] { return ReplayBenchIdentity(id); };
  writer.server = PeerAt(options.server);
  writer.spec_hash = SpecHash(ReplayBenchSpec(shape));
  writer.environments = shape.environments;
  return std::make_unique<ReplayWriter>(std::move(writer));
}

// A learner, and what it needs.
class StubLearner {
 public:
  explicit StubLearner(const ReplayStubOptions& options, size_t prefetch = 2)
      : shape_(options.item_bytes), layout_(*UnrollLayout::Make(ReplayBenchSpec(shape_))) {
    ReplaySampler::Options sampler;
    sampler.identity = [id = kReplayBenchClients + 1 + options.client] {
      return ReplayBenchIdentity(id);
    };
    sampler.servers = {PeerAt(options.server)};
    sampler.layout = &layout_;
    sampler.spec_hash = SpecHash(ReplayBenchSpec(shape_));
    sampler.table = kReplayBenchTable;
    sampler.steps = 1;
    sampler.batch = shape_.items();
    sampler.prefetch = prefetch;
    sampler_ = std::make_unique<ReplaySampler>(std::move(sampler));
  }

  ReplaySampler* operator->() { return sampler_.get(); }

 private:
  const ReplayShape shape_;
  const UnrollLayout layout_;
  std::unique_ptr<ReplaySampler> sampler_;
};

absl::Status OkOrLate(const absl::Status& status) {
  return absl::IsDeadlineExceeded(status) ? absl::OkStatus() : status;
}

}  // namespace

absl::Status InsertReplay(const ReplayStubOptions& options, const std::function<bool()>& stop) {
  const auto writer = MakeWriter(options);
  std::vector<InsertRequest> messages;
  for (uint64_t i = 0; i < kMessages; ++i) {
    messages.push_back(
        ReplayBenchMessage(ReplayShape(options.item_bytes), kMessages * options.client + i));
  }
  for (size_t i = 0; !stop(); ++i) {
    DROVER_RETURN_IF_ERROR(
        OkOrLate(writer->Insert(&messages[i % kMessages], Clock::now() + kPatience)));
  }
  return absl::OkStatus();
}

absl::Status SampleReplay(const ReplayStubOptions& options, const std::function<bool()>& stop) {
  StubLearner learner(options);
  ReplayBatch batch;
  while (!stop()) {
    DROVER_RETURN_IF_ERROR(OkOrLate(learner->Next(&batch, Clock::now() + kPatience)));
  }
  return absl::OkStatus();
}

absl::Status UpdateReplay(const ReplayStubOptions& options, const std::function<bool()>& stop) {
  constexpr size_t kBatches = 64;
  StubLearner learner(options);
  Random random({options.client});
  std::vector<std::vector<uint64_t>> keys;
  ReplayBatch batch;
  while (keys.size() < kBatches) {
    DROVER_RETURN_IF_ERROR(learner->Next(&batch, Clock::now() + kLongest));
    keys.push_back(batch.keys);
  }
  std::vector<float> priorities(keys[0].size());
  for (size_t i = 0; !stop(); ++i) {
    for (float& priority : priorities) priority = random.UniformFloat();
    learner->Update(keys[i % kBatches], priorities);
    // Two calls' worth are under way: one is answered, one is put together.
    if (i % 2 == 1) learner->FlushUpdates(Clock::now() + kLongest);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> MeasureReplayLatency(const ReplayStubOptions& options, double seconds) {
  const auto writer = MakeWriter(options);
  StubLearner learner(options, /*prefetch=*/1);
  InsertRequest message = ReplayBenchMessage(ReplayShape(options.item_bytes), 1);
  ReplayBatch batch;
  std::vector<double> inserts;
  std::vector<double> samples;
  std::vector<double> updates;
  const double end = MonotonicSeconds() + seconds;
  for (int i = 0; MonotonicSeconds() < end || i < 20; ++i) {
    const double begin = MonotonicSeconds();
    DROVER_RETURN_IF_ERROR(writer->Insert(&message, Clock::now() + kLongest));
    DROVER_RETURN_IF_ERROR(writer->Flush(Clock::now() + kLongest));
    const double inserted = MonotonicSeconds();
    DROVER_RETURN_IF_ERROR(learner->Next(&batch, Clock::now() + kLongest));  // asked for before
    const double asked = MonotonicSeconds();
    DROVER_RETURN_IF_ERROR(learner->Next(&batch, Clock::now() + kLongest));
    const double sampled = MonotonicSeconds();
    learner->Update(batch.keys, batch.priorities);
    if (!learner->FlushUpdates(Clock::now() + kLongest)) {
      return absl::DeadlineExceededError("no answer to an update");
    }
    if (i < 10) continue;  // it warms up
    inserts.push_back(inserted - begin);
    samples.push_back(sampled - asked);
    updates.push_back(MonotonicSeconds() - sampled);
  }
  std::string text;
  const auto say = [&text](const char* what, const std::vector<double>& values) {
    absl::StrAppendFormat(&text, "%s %.9f %.9f\n", what, Percentile(values, 0.5),
                          Percentile(values, 0.99));
  };
  say("insert", inserts);
  say("sample", samples);
  say("update", updates);
  return text;
}

}  // namespace drover
