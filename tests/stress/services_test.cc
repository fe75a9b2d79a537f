// Coordinator and learner under sixteen actors at once that join, send, take weights, are fenced,
// hang up and leave: membership, admission, credits, queue, assembler and publisher together, with
// real gRPC between them. LibTorch is all that is missing: weights are made up.

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <random>
#include <thread>

#include "client/coordinator_session.h"
#include "client/weights_assembler.h"
#include "common/file.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/server.h"
#include "coordinator/service.h"
#include "learner/batch_assembler.h"
#include "learner/learner_services.h"
#include "tests/learner/peers.h"
#include "tests/support/stream_client.h"

namespace drover {
namespace {

using std::chrono::milliseconds;
using testing::kEnvironments;
using testing::StreamClient;

constexpr uint32_t kActorThreads = 16;
constexpr int kRounds = 10;       // in which each actor was welcome
constexpr int kMostMessages = 6;  // in a round
constexpr int64_t kBatch = 2 * kEnvironments;
constexpr int64_t kLag = 4;
constexpr uint64_t kFramesAMessage = testing::kSteps * kEnvironments;
constexpr std::chrono::seconds kLimit{60};

class StressTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = RpcServer::Start({{Address("coordinator")}}, {&coordinator_});
    ASSERT_TRUE(server.ok()) << server.status();
    coordinator_server_ = *std::move(server);
    auto services = LearnerServices::Start({{Address("learner")}});
    ASSERT_TRUE(services.ok()) << services.status();
    services_ = *std::move(services);
    services_->receiver()->Open({layout_, testing::kSpecHash, testing::kActions, kEnvironments,
                                 kBatch, kLag, /*max_frames=*/uint64_t{1} << 40},
                                {}, &queue_, &episodes_);
    services_->receiver()->SetVersion(1);
    services_->publisher()->Open(testing::kLayout);
    services_->publisher()->Publish({1, 0, 0}, Parameters(1));

    CoordinatorSession::Options options;
    options.coordinator = Address("coordinator");
    options.role = Role::learner;
    options.on_table = [this](const MemberTable& table) { services_->SetTable(table); };
    auto session = CoordinatorSession::Register(std::move(options));
    ASSERT_TRUE(session.ok()) << session.status();
    session_ = *std::move(session);
  }

  std::string Address(const std::string& name) const {
    return "unix:" + directory_.path() + "/" + name;
  }

  static std::string Parameters(uint64_t version) {
    return std::string(5000, static_cast<char>(version));
  }

  // What the learner's loop does, until it drains.
  void Learn() {
    BatchAssembler::Options options{layout_, kEnvironments, kLag, 1, {}};
    options.on_drop = [this](int64_t unrolls) { services_->receiver()->Release(unrolls); };
    BatchAssembler assembler(std::move(options), &queue_);
    for (uint64_t version = 1; !assembler.finished();) {
      if (services_->publisher()->Wanted()) {
        services_->publisher()->Publish({version, 0, 0}, Parameters(version));
      }
      if (assembler.Next(BatchAssembler::Clock::now() + milliseconds(5)) == nullptr) continue;
      services_->receiver()->SetVersion(++version);
      services_->receiver()->Release(kBatch);
    }
  }

  // Bounds that hold at any time.
  void Watch() {
    while (!over_) {
      coordinator_.Tick();
      const TrajectoryCounters counters = services_->receiver()->counters();
      EXPECT_LE(counters.credits_out + counters.queued_unrolls, kLag * kBatch);
      std::this_thread::sleep_for(milliseconds(5));
    }
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  const UnrollLayout layout_ = *UnrollLayout::Make(testing::TestSpec());
  UnrollQueue queue_{kLag * kBatch / kEnvironments};
  EpisodeStatistics episodes_{100};
  CoordinatorService coordinator_{[] {
    TrainingRun::Options options;
    options.memory.set_run_id("run");
    options.spec.set_protocol_version(1);
    options.membership.lease = std::chrono::seconds(20);
    return options;
  }()};
  std::unique_ptr<RpcServer> coordinator_server_;
  std::unique_ptr<LearnerServices> services_;
  std::unique_ptr<CoordinatorSession> session_;
  std::atomic<bool> over_{false};
};

// One actor, on a thread of its own.
class StressActor {
 public:
  StressActor(uint32_t index, const std::string& coordinator, std::string learner)
      : index_(index),
        learner_(std::move(learner)),
        stub_(Coordinator::NewStub(MakeChannel(coordinator, ChannelUse::kControl))),
        random_(index) {}

  void Play() {
    for (int round = 0; round < kRounds;) {
      Join();
      StreamClient experience(MakeChannel(learner_, ChannelUse::kBulk),
                              "/drover.TrajectoryService/Stream");
      if (!Greet(&experience)) continue;
      TakeWeights();
      if (!Send(&experience)) continue;
      Part(&experience);
      ++round;
    }
  }

 private:
  template <typename Request>
  Request Of(uint64_t epoch) const {
    Request request;
    request.set_member_id(member_.member_id());
    request.set_epoch(epoch);
    return request;
  }

  // Joins, again and again; what it was before is over.
  void Join() {
    const uint64_t before = member_.epoch();
    RegisterRequest request;
    request.set_role(Role::actor);
    request.set_index(index_);
    request.set_pid(index_);
    const auto reply = CallUnary(stub_.get(), &Coordinator::Stub::Register, request, kLimit);
    ASSERT_TRUE(reply.ok()) << reply.status();
    member_ = *reply;
    EXPECT_GT(member_.epoch(), before);
    EXPECT_TRUE(
        CallUnary(stub_.get(), &Coordinator::Stub::Renew, Of<RenewRequest>(member_.epoch()), kLimit)
            .ok());
    if (before == 0) return;
    EXPECT_EQ(CallUnary(stub_.get(), &Coordinator::Stub::Renew, Of<RenewRequest>(before), kLimit)
                  .status()
                  .code(),
              absl::StatusCode::kFailedPrecondition);
  }

  // False: the learner did not hear of this registration within its second.
  bool Greet(StreamClient* experience) {
    ActorMessage message = testing::HelloOf(member_.member_id());
    message.mutable_hello()->set_epoch(member_.epoch());
    message.mutable_hello()->set_table_version(member_.table_version());
    experience->Send(message);
    const auto welcome = experience->Read<LearnerMessage>();
    if (!welcome) {
      EXPECT_EQ(experience->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
      return false;
    }
    EXPECT_TRUE(welcome->has_welcome());
    EXPECT_GE(welcome->welcome().last_sequence(), welcomed_);
    EXPECT_LE(welcome->welcome().last_sequence(), sequence_);
    welcomed_ = sequence_ = welcome->welcome().last_sequence();
    return true;
  }

  // The newest version; it never goes back. Then asks for a newer one and does not wait for it.
  void TakeWeights() {
    StreamClient weights(MakeChannel(learner_, ChannelUse::kBulk),
                         "/drover.WeightsService/Subscribe");
    WeightsRequest request = testing::FirstRequest(member_.member_id(), 0);
    request.set_epoch(member_.epoch());
    request.set_table_version(member_.table_version());
    weights.Send(request);
    WeightsAssembler assembler({testing::kLayout, 0});
    while (auto chunk = weights.Read<WeightsChunk>()) {
      const auto whole = assembler.Add(&*chunk);
      ASSERT_TRUE(whole.ok()) << whole.status();
      if (!*whole) continue;
      EXPECT_GE(assembler.set().header.version(), version_);
      version_ = assembler.set().header.version();
      break;
    }
    weights.Send(testing::NextRequest(version_));
    weights.Cancel();
    weights.Finish();
  }

  // As many messages as chance and credits allow, 1 at least. False: the stream ended.
  bool Send(StreamClient* experience) {
    const uint64_t last = sequence_ + 1 + random_() % kMostMessages;
    int64_t credits = 0;
    while (sequence_ < last) {
      const auto message = experience->Read<LearnerMessage>();
      if (!message) return false;
      credits += message->credit().unrolls();
      for (; credits >= kEnvironments && sequence_ < last; credits -= kEnvironments) {
        experience->Send(testing::Message(testing::MakeUnrolls(++sequence_, version_)));
      }
    }
    return true;
  }

  // In one of the ways that there are; in the last one it just registers again.
  void Part(StreamClient* experience) {
    const int way = static_cast<int>(random_() % 3);
    if (way == 0) {
      experience->SendNoMore();
      EXPECT_TRUE(experience->Finish().ok());
      EXPECT_TRUE(CallUnary(stub_.get(), &Coordinator::Stub::Leave,
                            Of<LeaveRequest>(member_.epoch()), kLimit)
                      .ok());
    } else if (way == 1) {
      experience->Cancel();
      experience->Finish();
    }
  }

  const uint32_t index_;
  const std::string learner_;
  const std::unique_ptr<Coordinator::Stub> stub_;
  std::minstd_rand random_;
  RegisterReply member_;
  uint64_t sequence_ = 0;  // sent
  uint64_t welcomed_ = 0;  // of them, received by the learner before this stream
  uint64_t version_ = 0;   // of the newest weights
};

TEST_F(StressTest, SixteenActorsComeAndGo) {
  std::thread learning([this] { Learn(); });
  std::thread watching([this] { Watch(); });
  std::vector<std::thread> threads;
  for (uint32_t i = 0; i < kActorThreads; ++i) {
    threads.emplace_back(
        [this, i] { StressActor(i, Address("coordinator"), Address("learner")).Play(); });
  }
  for (std::thread& thread : threads) thread.join();
  services_->receiver()->Drain();
  learning.join();
  over_ = true;
  watching.join();

  // Each frame was counted once: sequences have no gaps.
  const TrajectoryCounters counters = services_->receiver()->counters();
  uint64_t received = 0;
  for (const auto& [member, sequence] : services_->receiver()->totals().last_sequence) {
    received += sequence;
  }
  EXPECT_EQ(counters.messages, received);
  EXPECT_EQ(counters.frames, received * kFramesAMessage);
  EXPECT_EQ(counters.rejected_unrolls, 0u);
  EXPECT_GE(received, uint64_t{kActorThreads} * kRounds / 3);  // what was hung up on may be lost
  EXPECT_TRUE(session_->Leave({}, kLimit).ok());
}

}  // namespace
}  // namespace drover
