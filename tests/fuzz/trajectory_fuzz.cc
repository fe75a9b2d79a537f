// Trajectory streams: the messages of two actors at one real TrajectoryReceiver, and what happens
// around them. What it accepts is copied into a batch, as the learner does without another look.

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <memory>

#include "common/batch_buffer.h"
#include "common/check.h"
#include "learner/trajectory_receiver.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/in_memory_call.h"
#include "tests/fuzz/steps.h"
#include "tests/learner/moments.h"
#include "tests/learner/peers.h"

namespace drover::fuzz {
namespace {

using testing::kActions;
using testing::kEnvironments;
using testing::kSteps;

constexpr int64_t kBatch = 2 * kEnvironments;
constexpr int64_t kLag = 4;
constexpr uint64_t kMaxFrames = 100;
constexpr uint64_t kNewestVersion = 2;

enum What : unsigned char { kSend, kConnect, kTrain, kTick, kFence, kDrain };  // + 8: actor 2

class Session {
 public:
  Session() {
    admission_.Update(testing::MembersAt(1));
    receiver_.Open({layout_, testing::kSpecHash, kActions, kEnvironments, kBatch, kLag, kMaxFrames,
                    /*max_state_bytes=*/0, /*elastic=*/false, testing::kMoments},
                   {}, &queue_, &episodes_);
    receiver_.SetVersion(kNewestVersion);
    for (auto& stream : streams_) Connect(&stream);
  }

  void Do(const Step& step) {
    auto& stream = streams_[(step.what >> 3) % streams_.size()];
    switch (step.what % 8) {
      case kSend:
        return stream->Send(step.bytes);
      case kConnect:
        return Connect(&stream);
      case kTrain:
        return Train();
      case kTick:
        return receiver_.Tick(TrajectoryReceiver::Clock::now() +
                              std::chrono::seconds(step.bytes.size()));
      case kFence:
        return admission_.Update(testing::MembersAt(2, testing::kEpoch + step.bytes.size()));
      case kDrain:
        return receiver_.Drain();
      default:
        return;
    }
  }

  void Check() {
    for (auto& stream : streams_) stream->Settle();
    const TrajectoryCounters counters = receiver_.counters();
    DROVER_CHECK(counters.credits_out + counters.queued_unrolls <= kLag * kBatch);
    DROVER_CHECK(counters.frames <= kMaxFrames);
  }

  // Nothing that was sent was wrong.
  bool Valid() const {
    const TrajectoryCounters counters = receiver_.counters();
    return counters.messages > 0 && counters.refused_streams == 0 &&
           counters.rejected_unrolls == 0 && counters.ignored_unrolls == 0;
  }

  // Trains a message, one column after the other.
  void Train() {
    const auto message = queue_.TryPop();
    if (!message) return;
    batch_.Clear(kNewestVersion, kBatch);
    for (size_t column = 0; column < kEnvironments; ++column) {
      batch_.Add(*message->message, kEnvironments, column, 1);
    }
    CheckBatch();
    receiver_.Release(kEnvironments);
  }

 private:
  void Connect(std::unique_ptr<InMemoryStream>* stream) {
    stream->reset();
    *stream = std::make_unique<InMemoryStream>();
    TrajectoryService::WithRawCallbackMethod_Stream<TrajectoryService::Service>& service =
        receiver_;
    (*stream)->Call([&](grpc::CallbackServerContext* context) { return service.Stream(context); });
  }

  // What the train step relies on.
  void CheckBatch() {
    std::array<int32_t, kSteps * kBatch> actions{};
    std::memcpy(actions.data(), batch_.leaf(testing::kActionLeaf).data(), sizeof(actions));
    for (const int32_t action : actions) DROVER_CHECK(action >= 0 && action < kActions);
    const auto& ends = batch_.leaf(testing::kEndLeaf);
    for (const char end : ends) DROVER_CHECK(end >= 0 && end <= 2);
    const auto truncated = static_cast<size_t>(std::count(ends.begin(), ends.end(), 2));
    DROVER_CHECK(batch_.final_positions().size() == truncated);
    for (const int64_t position : batch_.final_positions()) {
      DROVER_CHECK(position >= 0 && position < kSteps * kBatch);
      DROVER_CHECK(ends[static_cast<size_t>(position)] == 2);
    }
    const auto& finals = batch_.leaf(testing::kFinalLeaf);
    DROVER_CHECK(finals.size() == batch_.final_positions().size() * 2 * sizeof(float));
    DROVER_CHECK(batch_.lag_max() <= kNewestVersion);
    DROVER_CHECK(batch_.seen().size() == 1);
    testing::CheckSeen(batch_.seen()[0]);
    for (const auto leaf : {testing::kObservationLeaf, testing::kRewardLeaf}) {
      std::vector<float> values(batch_.leaf(leaf).size() / sizeof(float));
      std::memcpy(values.data(), batch_.leaf(leaf).data(), values.size() * sizeof(float));
      for (const float value : values) DROVER_CHECK(std::isfinite(value));
    }
  }

  const UnrollLayout layout_ = *UnrollLayout::Make(testing::TestSpec());
  BatchBuffer batch_{&layout_};
  Admission admission_{{Role::actor}};
  UnrollQueue queue_{kLag * kBatch / kEnvironments};
  EpisodeStatistics episodes_{100};
  TrajectoryReceiver receiver_{&admission_};
  std::array<std::unique_ptr<InMemoryStream>, 2> streams_;
};

}  // namespace

bool Run(absl::string_view input) {
  Session session;
  DoSteps(input, &session);
  const bool valid = session.Valid();
  for (int i = 0; i < kLag * kBatch; ++i) session.Train();
  return valid;
}

std::vector<std::string> Seeds() {
  const auto send = [](unsigned char stream, const ActorMessage& message) {
    return EncodeStep(stream * 8 + kSend, message.SerializeAsString());
  };
  ActorMessage heartbeat;
  heartbeat.mutable_heartbeat();
  const auto unrolls = [](uint64_t sequence, uint64_t version) {
    return testing::WithMoments(testing::MakeUnrolls(sequence, version));
  };
  Unrolls ends = testing::WithMoments(testing::MakeUnrolls(2, 1, 100));
  testing::Terminate(&ends, 0, 1, 1);
  testing::Truncate(&ends, 1, 0, 7, 21);
  testing::Truncate(&ends, 2, 1, 8, 22);
  VersionRun* newer = ends.add_versions();
  newer->set_first_step(2);
  newer->set_version(2);
  const std::string hello = send(0, testing::HelloOf(1));
  const std::string first = hello + send(0, testing::Message(unrolls(1, 2)));
  const std::string second = first + send(0, testing::Message(ends));
  return {
      first,
      second,
      second + EncodeStep(kTrain) + EncodeStep(kTrain) + send(0, heartbeat) +
          EncodeStep(kTick, "123"),
      second + send(1, testing::HelloOf(2)) + send(1, testing::Message(unrolls(1, 0))) +
          EncodeStep(kTrain),
      first + EncodeStep(kConnect) + hello + send(0, testing::Message(unrolls(2, 2))) +
          EncodeStep(kFence, "1") + EncodeStep(kTick),
      second + EncodeStep(kDrain),
  };
}

std::string Mutate(absl::string_view input, Random* random) {
  return MutateSteps(input, random, MutateMessage);
}

}  // namespace drover::fuzz
