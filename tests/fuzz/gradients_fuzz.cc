// Gradient calls, one after the other, at one real GradientReceiver, and what happens around them.
// What it hands out is read as the learner does without another look.

#include <grpcpp/test/default_reactor_test_peer.h>

#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "common/check.h"
#include "common/rpc/wire.h"
#include "learner/gradient_receiver.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/in_memory_call.h"
#include "tests/fuzz/steps.h"
#include "tests/learner/moments.h"
#include "tests/learner/pushes.h"

namespace drover::fuzz {
namespace {

using testing::kFramesAPush;
using testing::kParameters;

constexpr int64_t kLag = 2;
constexpr uint64_t kMaxFrames = 10 * kFramesAPush;

enum What : unsigned char { kPush, kApply, kFence, kDrain };

// One call, from its start to its answer.
struct UnaryCall {
  grpc::CallbackServerContext context;
  grpc::testing::DefaultReactorTestPeer peer{&context};
  grpc::ByteBuffer request;
  grpc::ByteBuffer reply;
};

class Session {
 public:
  Session() {
    admission_.Update(testing::MembersAt(1));
    PushValidator::Options form = testing::PushForm();
    form.moments = testing::kMoments;
    receiver_.Open({form, testing::kEnvironments, kLag, kMaxFrames}, {}, &episodes_);
    SetWeights();
  }

  void Do(const Step& step) {
    switch (step.what % 4) {
      case kPush:
        return Push(step.bytes);
      case kApply:
        return Apply();
      case kFence:
        return admission_.Update(testing::MembersAt(2, testing::kEpoch + step.bytes.size()));
      default:
        return receiver_.Drain();
    }
  }

  void Check() {
    const GradientCounters counters = receiver_.counters();
    DROVER_CHECK(counters.frames <= kMaxFrames);
    DROVER_CHECK(counters.frames == (counters.applied + counters.too_old) * kFramesAPush);
    DROVER_CHECK(counters.pending <= static_cast<int64_t>(testing::kActors));
  }

  // Everyone has an answer; true: nothing that was sent was wrong.
  bool Finish() {
    Apply();
    receiver_.Close();
    for (const auto& call : calls_) {
      DROVER_CHECK(call->peer.test_status_set());
      if (call->peer.test_status().ok()) CheckReply(&call->reply);
    }
    const GradientCounters counters = receiver_.counters();
    return counters.applied > 0 && counters.refused == 0 && counters.not_finite == 0;
  }

 private:
  void Push(absl::string_view bytes) {
    calls_.push_back(std::make_unique<UnaryCall>());
    UnaryCall* call = calls_.back().get();
    call->request = ToBuffer(bytes);
    GradientService::WithRawCallbackMethod_Push<GradientService::Service>& service = receiver_;
    service.Push(&call->context, &call->request, &call->reply);
  }

  void Apply() {
    const std::optional<ReceivedGradient> gradient =
        receiver_.Next(GradientReceiver::Clock::time_point::min());
    if (!gradient) return;
    DROVER_CHECK(gradient->lag <= kLag);
    DROVER_CHECK(gradient->values.size() == kParameters * sizeof(float));
    for (size_t i = 0; i < kParameters; ++i) {
      float value;
      std::memcpy(&value, &gradient->values[i * sizeof(value)], sizeof(value));
      DROVER_CHECK(std::isfinite(value));
    }
    for (const auto& [name, value] : gradient->statistics) DROVER_CHECK(std::isfinite(value));
    testing::CheckSeen(gradient->seen);
    ++version_;
    SetWeights();
    receiver_.Answer();
  }

  void SetWeights() {
    receiver_.SetWeights(version_, version_, testing::ParametersOf(static_cast<float>(version_)));
  }

  void CheckReply(grpc::ByteBuffer* bytes) const {
    PushReply reply;
    DROVER_CHECK(DecodeMessage(bytes, &reply));
    DROVER_CHECK(reply.version() >= 1 && reply.version() <= version_);
    DROVER_CHECK(reply.parameters() == testing::ParametersOf(static_cast<float>(reply.version())));
  }

  Admission admission_{{Role::actor}};
  EpisodeStatistics episodes_{100};
  GradientReceiver receiver_{&admission_};
  uint64_t version_ = 1;
  std::vector<std::unique_ptr<UnaryCall>> calls_;
};

}  // namespace

bool Run(absl::string_view input) {
  Session session;
  DoSteps(input, &session);
  return session.Finish();
}

std::vector<std::string> Seeds() {
  const auto push = [](const PushRequest& request) {
    return EncodeStep(kPush, request.SerializeAsString());
  };
  const auto gradient = [&](uint64_t member, uint64_t sequence, uint64_t version) {
    return push(testing::WithMoments(testing::MakePush(member, sequence, version)));
  };
  const std::string apply = EncodeStep(kApply);
  const std::string first = push(testing::Ask(1)) + gradient(1, 1, 1) + apply;
  return {
      first,
      first + gradient(1, 1, 1) + gradient(1, 2, 2),
      first + gradient(2, 1, 1) + gradient(3, 1, 1) + gradient(1, 2, 2) + apply + apply + apply,
      first + gradient(1, 2, 2) + gradient(1, 2, 2) + push(testing::Ask(1)),
      first + gradient(2, 7, 2) + EncodeStep(kDrain) + gradient(2, 8, 2),
      first + EncodeStep(kFence),
  };
}

std::string Mutate(absl::string_view input, Random* random) {
  return MutateSteps(input, random, MutateMessage);
}

}  // namespace drover::fuzz
