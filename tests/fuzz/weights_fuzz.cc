// Weights streams: the requests of two subscribers at one real WeightsPublisher, and what happens
// around them.

#include <array>
#include <memory>

#include "common/check.h"
#include "learner/weights_publisher.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/in_memory_call.h"
#include "tests/fuzz/steps.h"
#include "tests/learner/peers.h"

namespace drover::fuzz {
namespace {

enum What : unsigned char { kSend, kConnect, kPublish, kTick, kFence };  // + 8: subscriber 2

class Session {
 public:
  Session() {
    admission_.Update(testing::MembersAt(1));
    publisher_.Open(testing::kLayout);
    for (auto& stream : streams_) Connect(&stream);
  }

  void Do(const Step& step) {
    auto& stream = streams_[(step.what >> 3) % streams_.size()];
    switch (step.what % 8) {
      case kSend:
        return stream->Send(step.bytes);
      case kConnect:
        return Connect(&stream);
      case kPublish:
        return publisher_.Publish({++version_, 0, 0}, step.bytes);
      case kTick:
        return publisher_.Tick(WeightsPublisher::Clock::now() +
                               std::chrono::seconds(step.bytes.size()));
      case kFence:
        return admission_.Update(testing::MembersAt(2, testing::kEpoch + step.bytes.size()));
      default:
        return;
    }
  }

  void Check() {
    for (auto& stream : streams_) stream->Settle();
    const WeightsCounters counters = publisher_.counters();
    DROVER_CHECK(counters.encodings <= version_);
    DROVER_CHECK(counters.streams <= streams_.size());
    // Every write is done: who waits has nothing to get.
    DROVER_CHECK(counters.streams > 0 || !publisher_.Wanted());
  }

  // Nothing that was sent was wrong.
  bool Valid() const {
    return publisher_.counters().sent > 0 && publisher_.counters().refused_streams == 0;
  }

 private:
  void Connect(std::unique_ptr<InMemoryStream>* stream) {
    stream->reset();
    *stream = std::make_unique<InMemoryStream>();
    WeightsService::WithRawCallbackMethod_Subscribe<WeightsService::Service>& service = publisher_;
    (*stream)->Call(
        [&](grpc::CallbackServerContext* context) { return service.Subscribe(context); });
  }

  uint64_t version_ = 0;
  Admission admission_{{Role::actor, Role::evaluator}};
  WeightsPublisher publisher_{&admission_};
  std::array<std::unique_ptr<InMemoryStream>, 2> streams_;
};

}  // namespace

bool Run(absl::string_view input) {
  Session session;
  DoSteps(input, &session);
  return session.Valid();
}

std::vector<std::string> Seeds() {
  const auto send = [](unsigned char stream, const WeightsRequest& request) {
    return EncodeStep(stream * 8 + kSend, request.SerializeAsString());
  };
  const std::string publish = EncodeStep(kPublish, "parameters");
  const std::string first = send(0, testing::FirstRequest(1, 0)) + publish;
  const std::string next = first + send(0, testing::NextRequest(1)) + publish;
  return {
      first,
      publish + send(1, testing::FirstRequest(testing::kEvaluator, 0)),
      next + send(0, WeightsRequest()) + EncodeStep(kTick, "123"),
      next + send(1, testing::FirstRequest(2, 0)) + EncodeStep(kPublish, std::string(3000, 'p')),
      next + EncodeStep(kConnect) + send(0, testing::FirstRequest(1, 2)) + EncodeStep(kFence, "1") +
          EncodeStep(kTick),
  };
}

std::string Mutate(absl::string_view input, Random* random) {
  return MutateSteps(input, random, MutateMessage);
}

}  // namespace drover::fuzz
