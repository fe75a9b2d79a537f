#include "learner/trajectory_receiver.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "common/clock.h"
#include "common/file.h"
#include "common/rpc/channel.h"
#include "common/rpc/limits.h"
#include "common/rpc/server.h"
#include "tests/learner/moments.h"
#include "tests/learner/peers.h"
#include "tests/learner/unrolls.h"
#include "tests/support/eventually.h"
#include "tests/support/stream_client.h"

namespace drover {
namespace {

using testing::Eventually;
using testing::HelloOf;
using testing::kActions;
using testing::kEnvironments;
using testing::kEpoch;
using testing::kSpecHash;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::MembersAt;
using testing::Message;
using testing::StreamClient;

constexpr uint64_t kFramesAMessage = kSteps * kEnvironments;

class TrajectoryReceiverTest : public ::testing::Test {
 protected:
  ~TrajectoryReceiverTest() override { server_->Shutdown(std::chrono::milliseconds(0)); }

  void SetUp() override {
    auto server = RpcServer::Start({{"unix:" + directory_.path() + "/learner.sock"}}, {&receiver_});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    admission_.Update(MembersAt(1));
  }

  // Batches of 2 messages, credits for 4 of them.
  void Open(uint64_t max_frames = 1000000, ReceivedTotals totals = {},
            const MomentsSizes& moments = {}) {
    receiver_.SetVersion(0);
    receiver_.Open({*UnrollLayout::Make(testing::TestSpec()), kSpecHash, kActions, kEnvironments,
                    /*batch=*/2 * kEnvironments, /*max_policy_lag=*/4, max_frames,
                    /*max_state_bytes=*/0, /*elastic=*/false, moments},
                   std::move(totals), &queue_, &episodes_);
  }

  std::unique_ptr<StreamClient> Connect() {
    return std::make_unique<StreamClient>(
        MakeChannel("unix:" + directory_.path() + "/learner.sock", ChannelUse::kBulk),
        "/drover.TrajectoryService/Stream");
  }

  // Greets and reads Welcome and the first credits.
  std::unique_ptr<StreamClient> Join(uint64_t member, uint64_t last_sequence = 0) {
    auto client = Connect();
    client->Send(HelloOf(member));
    const auto welcome = client->Read<LearnerMessage>();
    EXPECT_TRUE(welcome && welcome->has_welcome());
    if (!welcome) return client;
    EXPECT_EQ(welcome->welcome().last_sequence(), last_sequence);
    const auto credit = client->Read<LearnerMessage>();
    EXPECT_TRUE(credit && credit->has_credit() && credit->credit().unrolls() > 0);
    return client;
  }

  // Lets time go on, `ahead` of the clock, until `condition` holds; on a thread of its own.
  std::thread Ticking(std::chrono::milliseconds ahead, std::function<bool()> condition) {
    return std::thread([this, ahead, condition = std::move(condition)] {
      EXPECT_TRUE(Eventually([&] {
        receiver_.Tick(TrajectoryReceiver::Clock::now() + ahead);
        return condition();
      }));
    });
  }

  uint64_t messages() const { return receiver_.counters().messages; }
  bool Received(uint64_t count) {
    return Eventually([&] { return messages() == count; });
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  Admission admission_{{Role::actor}};
  UnrollQueue queue_{8};
  EpisodeStatistics episodes_{100};
  TrajectoryReceiver receiver_{&admission_};
  std::unique_ptr<RpcServer> server_;
};

TEST_F(TrajectoryReceiverTest, RefusesUntilItIsOpen) {
  EXPECT_EQ(Connect()->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(receiver_.counters().refused_streams, 0U);
}

TEST_F(TrajectoryReceiverTest, UnrollsArriveInOrderAndAreCounted) {
  Open();
  auto client = Join(1);
  Unrolls first = MakeUnrolls(1, 0, 100);
  testing::Terminate(&first, 1, 0, 21);
  client->Send(Message(first));
  client->Send(Message(MakeUnrolls(2, 0, 200)));
  ASSERT_TRUE(Received(2));
  const TrajectoryCounters counters = receiver_.counters();
  EXPECT_EQ(counters.frames, 2 * kFramesAMessage);
  EXPECT_EQ(counters.queued_unrolls, 2 * kEnvironments);
  EXPECT_EQ(counters.streams, 1U);
  EXPECT_EQ(episodes_.Last(100).episodes, 1U);
  EXPECT_EQ(episodes_.Last(100).mean_return, 21);
  EXPECT_EQ(queue_.TryPop()->message->SerializeAsString(), first.SerializeAsString());
  EXPECT_EQ(queue_.TryPop()->message->sequence(), 2U);
  EXPECT_EQ(receiver_.totals().last_sequence.at(1), 2U);
  client->SendNoMore();
  EXPECT_TRUE(client->Finish().ok());
  EXPECT_TRUE(Eventually([&] { return receiver_.counters().streams == 0; }));
}

TEST_F(TrajectoryReceiverTest, NoStepWasActedBeforeItOpenedOrIsStillToCome) {
  const uint64_t opened = UnixMicros();
  Open();
  auto client = Join(1);
  uint64_t sequence = 0;
  for (const uint64_t told : {UINT64_MAX, uint64_t{1}, uint64_t{0}}) {
    Unrolls unrolls = MakeUnrolls(++sequence, 0);
    unrolls.set_started_unix_micros(told);
    client->Send(Message(unrolls));
    ASSERT_TRUE(Received(sequence));
    EXPECT_GE(receiver_.counters().started_unix_micros, opened) << told;
    EXPECT_LE(receiver_.counters().started_unix_micros, UnixMicros()) << told;
  }
}

TEST_F(TrajectoryReceiverTest, CreditsComeRoundWhenUnrollsAreReleased) {
  Open();
  auto client = Join(1);  // 8 credits: half of the capacity
  for (uint64_t i = 1; i <= 4; ++i) client->Send(Message(MakeUnrolls(i, 0)));
  // As unrolls go from in flight to queued, the other half is granted.
  int64_t credits = 0;
  while (credits < 8) credits += client->Read<LearnerMessage>()->credit().unrolls();
  EXPECT_EQ(credits, 8);
  ASSERT_TRUE(Received(4));
  EXPECT_EQ(receiver_.counters().credits_out, 8);
  EXPECT_EQ(receiver_.counters().queued_unrolls, 8);
  receiver_.Release(6);
  EXPECT_EQ(receiver_.counters().queued_unrolls, 2);
  EXPECT_EQ(receiver_.counters().credits_out, 8);  // no stream gets more
}

TEST_F(TrajectoryReceiverTest, MomentsComeAlongWhereTheRunNormalises) {
  Open(1000000, {}, testing::kMoments);
  auto client = Join(1);
  const Unrolls unrolls = testing::WithMoments(MakeUnrolls(1, 0));
  client->Send(Message(unrolls));
  ASSERT_TRUE(Received(1));
  EXPECT_EQ(queue_.TryPop()->message->SerializeAsString(), unrolls.SerializeAsString());

  Unrolls infinite = testing::WithMoments(MakeUnrolls(2, 0));
  infinite.mutable_return_moments()->set_m2(0, HUGE_VAL);
  client->Send(Message(infinite));
  ASSERT_TRUE(Eventually([&] { return receiver_.counters().rejected_unrolls == kEnvironments; }));
  client->Send(Message(MakeUnrolls(3, 0)));
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(messages(), 1U);
}

// ---- Clients that do not keep to the protocol.

struct Wrong {
  std::string name;
  // Sends what is wrong on a stream that has greeted as member 1, or not.
  bool greet;
  std::function<void(StreamClient*)> send;
  grpc::StatusCode code;
};

void PrintTo(const Wrong& wrong, std::ostream* out) { *out << wrong.name; }

class WrongClient : public TrajectoryReceiverTest, public ::testing::WithParamInterface<Wrong> {};

TEST_P(WrongClient, IsRefusedAndOthersGoOn) {
  Open();
  auto good = Join(2);
  good->Send(Message(MakeUnrolls(1, 0)));
  auto wrong = GetParam().greet ? Join(1) : Connect();
  GetParam().send(wrong.get());
  const grpc::Status status = wrong->Finish();
  EXPECT_EQ(status.error_code(), GetParam().code) << status.error_message();
  EXPECT_FALSE(status.error_message().empty());
  EXPECT_EQ(receiver_.counters().refused_streams, 1U);
  EXPECT_EQ(receiver_.totals().last_sequence.count(1), 0U);

  good->Send(Message(MakeUnrolls(2, 0)));
  EXPECT_TRUE(Received(2));
  EXPECT_EQ(receiver_.counters().frames, 2 * kFramesAMessage);
  EXPECT_TRUE(Eventually([&] { return receiver_.counters().streams == 1; }));
}

ActorMessage HelloWith(const std::function<void(Hello*)>& change) {
  ActorMessage message = HelloOf(1);
  change(message.mutable_hello());
  return message;
}

const Wrong kWrongs[] = {
    {"garbage", false, [](auto* c) { c->SendBytes("\xff\xff\xff\xff"); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"garbage_after_hello", true, [](auto* c) { c->SendBytes("\x12\x7f"); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"empty_message", true, [](auto* c) { c->SendBytes(""); }, grpc::StatusCode::INVALID_ARGUMENT},
    {"no_hello", false, [](auto* c) { c->Send(Message(MakeUnrolls(1, 0))); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"heartbeat_before_hello", false,
     [](auto* c) {
       ActorMessage message;
       message.mutable_heartbeat();
       c->Send(message);
     },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"second_hello", true, [](auto* c) { c->Send(HelloOf(1)); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"huge_hello", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_run_id(std::string(100000, 'x')); })); },
     grpc::StatusCode::RESOURCE_EXHAUSTED},
    {"another_spec", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_spec_hash(1); })); },
     grpc::StatusCode::FAILED_PRECONDITION},
    {"no_environments", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_environments(0); })); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"many_environments", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_environments(~0U); })); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"another_run", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_run_id("other"); })); },
     grpc::StatusCode::FAILED_PRECONDITION},
    {"unknown_actor", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_member_id(77); })); },
     grpc::StatusCode::NOT_FOUND},
    {"old_epoch", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_epoch(kEpoch - 1); })); },
     grpc::StatusCode::FAILED_PRECONDITION},
    {"epoch_never_granted", false,
     [](auto* c) { c->Send(HelloWith([](Hello* h) { h->set_epoch(kEpoch + 1); })); },
     grpc::StatusCode::NOT_FOUND},
    {"evaluator", false, [](auto* c) { c->Send(HelloOf(testing::kEvaluator)); },
     grpc::StatusCode::NOT_FOUND},
    {"column_of_wrong_size", true,
     [](auto* c) {
       Unrolls unrolls = MakeUnrolls(1, 0);
       unrolls.mutable_columns(testing::kRewardLeaf)->pop_back();
       c->Send(Message(unrolls));
     },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"columns_of_other_actors", true,
     [](auto* c) { c->Send(Message(MakeUnrolls(1, 0, 0, kEnvironments + 1))); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"version_of_another_learner", true, [](auto* c) { c->Send(Message(MakeUnrolls(1, 1))); },
     grpc::StatusCode::ABORTED},
    {"sequence_zero", true, [](auto* c) { c->Send(Message(MakeUnrolls(0, 0))); },
     grpc::StatusCode::INVALID_ARGUMENT},
    {"oversized", true,
     [](auto* c) {
       Unrolls unrolls = MakeUnrolls(1, 0);
       unrolls.add_columns(std::string(100000, 'x'));
       c->Send(Message(unrolls));
     },
     grpc::StatusCode::RESOURCE_EXHAUSTED},
};

INSTANTIATE_TEST_SUITE_P(TrajectoryReceiver, WrongClient, ::testing::ValuesIn(kWrongs),
                         [](const auto& info) { return info.param.name; });

TEST_F(TrajectoryReceiverTest, MoreThanItsCreditsIsRefused) {
  Open();
  auto good = Join(2);
  auto greedy = Join(1);
  const int64_t granted = 16 - 8;  // the good one has half
  for (int64_t i = 0; i <= granted / kEnvironments; ++i) {
    greedy->Send(Message(MakeUnrolls(static_cast<uint64_t>(i) + 1, 0)));
  }
  EXPECT_EQ(greedy->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(messages(), 4U);
  EXPECT_EQ(receiver_.counters().refused_streams, 1U);
  good->Send(Message(MakeUnrolls(1, 0)));
  EXPECT_TRUE(Received(5));
}

// Beyond what gRPC itself takes, the peer is told the same.
TEST_F(TrajectoryReceiverTest, HugeMessagesAreRefused) {
  Open();
  auto client = Join(1);
  client->SendBytes(std::string(kMaxMessageBytes + 1000, 'x'));
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(Eventually([&] { return receiver_.counters().streams == 0; }));
  const auto next = Join(1);  // which lives until its message is there
  EXPECT_TRUE(next->Send(Message(MakeUnrolls(1, 0))));
  EXPECT_TRUE(Received(1));
}

TEST_F(TrajectoryReceiverTest, NaNIsRejectedInBandAndTheStreamLives) {
  Open();
  auto client = Join(1);
  Unrolls bad = MakeUnrolls(1, 0);
  testing::Terminate(&bad, 1, 0, 21);
  testing::Set<float>(&bad, testing::kRewardLeaf, 2, std::nanf(""));
  client->Send(Message(bad));
  const auto answer = client->Read<LearnerMessage>();
  ASSERT_TRUE(answer && answer->has_rejected());
  EXPECT_EQ(answer->rejected().sequence(), 1U);
  EXPECT_NE(answer->rejected().reason().find("reward"), std::string::npos);
  client->Send(Message(MakeUnrolls(2, 0)));
  ASSERT_TRUE(Received(1));
  const TrajectoryCounters counters = receiver_.counters();
  EXPECT_EQ(counters.rejected_unrolls, static_cast<uint64_t>(kEnvironments));
  EXPECT_EQ(counters.frames, kFramesAMessage);
  EXPECT_EQ(counters.refused_streams, 0U);
  EXPECT_EQ(episodes_.Last(100).episodes, 0U);
}

// ---- Time.

TEST_F(TrajectoryReceiverTest, WaitsForTheTableThatListsTheActor) {
  Open();
  MemberTable empty;
  empty.set_run_id("run");
  empty.set_version(1);
  admission_.Update(empty);
  ActorMessage hello = HelloOf(1);
  hello.mutable_hello()->set_table_version(2);
  auto client = Connect();
  client->Send(hello);
  receiver_.Tick(TrajectoryReceiver::Clock::now());  // within the second nothing is decided
  admission_.Update(MembersAt(2));
  std::thread ticking = Ticking({}, [&] { return receiver_.counters().streams == 1; });
  EXPECT_TRUE(client->Read<LearnerMessage>()->has_welcome());
  ticking.join();
}

TEST_F(TrajectoryReceiverTest, ATableThatNeverComesIsNotFound) {
  Open();
  ActorMessage hello = HelloOf(77);
  hello.mutable_hello()->set_table_version(9);
  auto client = Connect();
  client->Send(hello);
  std::thread ticking = Ticking({}, [&] { return receiver_.counters().refused_streams == 1; });
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::NOT_FOUND);
  ticking.join();
}

TEST_F(TrajectoryReceiverTest, SilentPeersAreClosed) {
  Open();
  auto silent = Join(1);
  auto mute = Connect();  // says nothing at all
  ASSERT_TRUE(Eventually([&] { return receiver_.counters().streams == 1; }));
  const auto late = StreamLimits{}.silence + std::chrono::seconds(1);
  // Once: again so late, and one that is closed but is still being sent to would be cancelled.
  receiver_.Tick(TrajectoryReceiver::Clock::now() + late);
  EXPECT_EQ(silent->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  std::atomic<bool> closed{false};  // the mute one may arrive late
  std::thread ticking = Ticking(late, [&] { return closed.load(); });
  EXPECT_EQ(mute->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  closed = true;
  ticking.join();
  EXPECT_EQ(receiver_.counters().credits_out, 0);
  EXPECT_EQ(receiver_.counters().refused_streams, 0U);
}

TEST_F(TrajectoryReceiverTest, SendsAHeartbeatWhenItHasNothingElseToSay) {
  Open();
  auto client = Join(1);
  std::atomic<bool> heard{false};
  std::thread ticking = Ticking(StreamLimits{}.heartbeat, [&] { return heard.load(); });
  const auto beat = client->Read<LearnerMessage>();
  heard = true;
  ticking.join();
  ASSERT_TRUE(beat && beat->has_heartbeat());
  ActorMessage answer;
  answer.mutable_heartbeat();
  client->Send(answer);
  client->Send(Message(MakeUnrolls(1, 0)));
  EXPECT_TRUE(Received(1));
}

// ---- Members that come and go.

TEST_F(TrajectoryReceiverTest, FencedActorsAreClosedAtOnce) {
  Open();
  auto client = Join(1);
  client->Send(Message(MakeUnrolls(1, 0)));
  ASSERT_TRUE(Received(1));
  admission_.Update(MembersAt(2, kEpoch + 1));
  receiver_.Tick(TrajectoryReceiver::Clock::now());
  EXPECT_EQ(receiver_.counters().streams, 0U);
  client->Send(Message(MakeUnrolls(2, 0)));
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(messages(), 1U);
}

TEST_F(TrajectoryReceiverTest, ANewStreamOfAMemberReplacesItsOld) {
  Open();
  auto before = Join(1);
  before->Send(Message(MakeUnrolls(1, 0)));
  ASSERT_TRUE(Received(1));
  auto after = Join(1, /*last_sequence=*/1);
  EXPECT_EQ(before->Finish().error_code(), grpc::StatusCode::ABORTED);
  after->Send(Message(MakeUnrolls(1, 0)));  // again: counted once
  after->Send(Message(MakeUnrolls(2, 0)));
  ASSERT_TRUE(Received(2));
  EXPECT_EQ(receiver_.counters().ignored_unrolls, static_cast<uint64_t>(kEnvironments));
  EXPECT_EQ(receiver_.counters().frames, 2 * kFramesAMessage);
  EXPECT_EQ(receiver_.counters().streams, 1U);
}

TEST_F(TrajectoryReceiverTest, ADeadActorsCreditsGoToOthers) {
  Open();
  auto first = Join(1);
  auto second = Join(2);
  auto third = Connect();
  third->Send(HelloOf(3));
  ASSERT_TRUE(third->Read<LearnerMessage>()->has_welcome());  // no credits left
  first->Cancel();
  const auto credit = third->Read<LearnerMessage>();
  ASSERT_TRUE(credit && credit->has_credit());
  EXPECT_EQ(credit->credit().unrolls(), 8U);
}

// ---- The end.

TEST_F(TrajectoryReceiverTest, DrainIsTheEnd) {
  Open();
  auto client = Join(1);
  client->Send(Message(MakeUnrolls(1, 0)));
  ASSERT_TRUE(Received(1));
  receiver_.Drain();
  std::optional<LearnerMessage> message;
  do {
    message = client->Read<LearnerMessage>();
  } while (message && message->has_credit());
  ASSERT_TRUE(message && message->has_drain());
  client->Send(Message(MakeUnrolls(2, 0)));  // was under way
  EXPECT_TRUE(Eventually([&] { return receiver_.counters().ignored_unrolls > 0; }));
  client->SendNoMore();
  EXPECT_TRUE(client->Finish().ok());
  EXPECT_EQ(receiver_.counters().frames, kFramesAMessage);
  EXPECT_TRUE(queue_.closed());

  auto late = Connect();
  late->Send(HelloOf(2));
  EXPECT_TRUE(late->Read<LearnerMessage>()->has_welcome());
  EXPECT_TRUE(late->Read<LearnerMessage>()->has_drain());
  receiver_.Close();
  EXPECT_EQ(late->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

// It failed, or another has its place: the run goes on.
TEST_F(TrajectoryReceiverTest, WhoClosesDrainsNobody) {
  Open();
  auto client = Join(1);
  receiver_.Close();
  while (const auto message = client->Read<LearnerMessage>()) EXPECT_FALSE(message->has_drain());
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(queue_.closed());
  EXPECT_EQ(Connect()->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(TrajectoryReceiverTest, AcceptsNothingPastTheBudget) {
  Open(/*max_frames=*/3 * kFramesAMessage - 1);
  auto client = Join(1);
  for (uint64_t i = 1; i <= 4; ++i) client->Send(Message(MakeUnrolls(i, 0)));
  EXPECT_TRUE(Eventually([&] {
    return receiver_.counters().ignored_unrolls == static_cast<uint64_t>(2 * kEnvironments);
  }));
  EXPECT_TRUE(receiver_.budget_spent());
  EXPECT_EQ(receiver_.counters().frames, 2 * kFramesAMessage);
  EXPECT_TRUE(queue_.closed());
  EXPECT_EQ(queue_.size(), 2U);
}

TEST_F(TrajectoryReceiverTest, GoesOnFromACheckpoint) {
  Open(1000, {500, {{1, 41}}});
  auto client = Join(1, /*last_sequence=*/41);
  client->Send(Message(MakeUnrolls(42, 0)));
  ASSERT_TRUE(Received(1));
  EXPECT_EQ(receiver_.counters().frames, 500 + kFramesAMessage);
}

// ---- All at once. ThreadSanitizer watches.

TEST_F(TrajectoryReceiverTest, ManyActorsAtOnce) {
  constexpr uint64_t kActors = 12;  // more than there are credits for
  constexpr uint64_t kTarget = 400;
  Open(kTarget * kFramesAMessage);
  std::atomic<uint64_t> ended{0};
  std::vector<std::thread> threads;
  threads.reserve(kActors + 2);
  for (uint64_t member = 1; member <= kActors; ++member) {
    threads.emplace_back([&, member] {
      uint64_t sequence = 0;
      for (bool drained = false; !drained;) {
        auto client = Connect();
        client->Send(HelloOf(member));
        int64_t credits = 0;
        int sent = 0;
        while (auto message = client->Read<LearnerMessage>()) {
          if (message->has_welcome()) sequence = message->welcome().last_sequence();
          if (message->has_drain()) drained = true;
          if (drained) break;
          if (message->has_credit()) credits += message->credit().unrolls();
          for (; credits >= kEnvironments; credits -= kEnvironments, ++sent) {
            client->Send(Message(MakeUnrolls(++sequence, 0)));
          }
          // Some hang up at once, some say goodbye, some go on.
          if (sent > 20 && member % 3 == 0) break;
        }
        if (member % 2 == 0) {
          client->Cancel();
        } else {
          client->SendNoMore();
        }
        client->Finish();
      }
      ++ended;
    });
  }
  std::atomic<bool> over{false};
  threads.emplace_back([&] {  // the assembler and the learner
    while (auto message = queue_.Pop()) receiver_.Release(kEnvironments);
  });
  threads.emplace_back([&] {
    while (!over) {
      receiver_.Tick(TrajectoryReceiver::Clock::now());
      const TrajectoryCounters counters = receiver_.counters();
      EXPECT_LE(counters.credits_out + counters.queued_unrolls, 16);
      EXPECT_LE(counters.frames, kTarget * kFramesAMessage);
      std::this_thread::yield();
    }
  });
  EXPECT_TRUE(Eventually([&] { return ended == kActors; }));
  over = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(receiver_.counters().frames, kTarget * kFramesAMessage);
  EXPECT_EQ(receiver_.counters().queued_unrolls, 0);
  EXPECT_TRUE(Eventually([&] { return receiver_.counters().credits_out == 0; }));
  EXPECT_EQ(receiver_.counters().refused_streams, 0U);
}

// ---- Lockstep: batches of 2 messages, credits for one of each of two actors.

class LockstepReceiverTest : public TrajectoryReceiverTest {
 protected:
  void Open(ReceivedTotals totals = {}, bool elastic = false) {
    receiver_.SetVersion(5);
    receiver_.Open({*UnrollLayout::Make(testing::TestSpec()), kSpecHash, kActions, kEnvironments,
                    /*batch=*/2 * kEnvironments, /*max_policy_lag=*/1, /*max_frames=*/1000000,
                    /*max_state_bytes=*/100, elastic},
                   std::move(totals), &queue_, &episodes_);
  }

  // Trains the next batch, of so many messages, at the version after `version`.
  void TrainNext(size_t messages, uint64_t version) {
    ASSERT_TRUE(Eventually([&] { return queue_.size() == messages; }));
    for (size_t i = 0; i < messages; ++i) {
      EXPECT_EQ(queue_.TryPop()->batch, static_cast<int64_t>(messages) * kEnvironments);
    }
    receiver_.SetVersion(version + 1);
    receiver_.Release(static_cast<int64_t>(messages) * kEnvironments);
  }

  static ActorMessage WithState(uint64_t sequence, uint64_t version, const std::string& state) {
    Unrolls unrolls = MakeUnrolls(sequence, version);
    unrolls.set_state(state);
    return Message(std::move(unrolls));
  }

  std::unique_ptr<StreamClient> Greet(uint64_t member, Welcome* welcome) {
    auto client = Connect();
    client->Send(HelloOf(member));
    *welcome = client->Read<LearnerMessage>()->welcome();
    return client;
  }
};

TEST_F(LockstepReceiverTest, ABatchComesInTheOrderOfItsMembers) {
  Open();
  const auto first = Join(1);
  const auto second = Join(2);
  second->Send(WithState(1, 5, "b"));
  ASSERT_TRUE(Received(1));
  EXPECT_EQ(queue_.size(), 0U);
  first->Send(WithState(10, 5, "a"));
  ASSERT_TRUE(Received(2));
  EXPECT_EQ(queue_.TryPop()->message->sequence(), 10U);
  EXPECT_EQ(queue_.TryPop()->message->sequence(), 1U);
  EXPECT_EQ(receiver_.totals().states, (std::map<uint64_t, std::string>{{1, "a"}, {2, "b"}}));
  // The credits of the next round name the version that the batch made.
  receiver_.SetVersion(6);
  receiver_.Release(2 * kEnvironments);
  for (const auto& client : {first.get(), second.get()}) {
    const Credit credit = client->Read<LearnerMessage>()->credit();
    EXPECT_EQ(credit.unrolls(), kEnvironments);
    EXPECT_EQ(credit.version(), 6U);
  }
}

TEST_F(LockstepReceiverTest, WelcomeGivesTheNewestStateBack) {
  Open({30, {{1, 4}}, /*missing=*/0, {{1, "of the checkpoint"}}});
  Welcome welcome;
  const auto first = Greet(1, &welcome);
  EXPECT_EQ(welcome.state(), "of the checkpoint");
  EXPECT_EQ(welcome.last_sequence(), 4U);
  ASSERT_TRUE(first->Read<LearnerMessage>()->has_credit());
  first->Send(WithState(5, 5, "newer"));
  ASSERT_TRUE(Received(1));
  const auto again = Greet(1, &welcome);
  EXPECT_EQ(welcome.state(), "newer");
  const auto second = Greet(2, &welcome);
  EXPECT_EQ(welcome.state(), "");
}

// ---- Elastic: those who live.

TEST_F(LockstepReceiverTest, WhoDiesIsWaitedForUntilTheTableSaysSo) {
  Open({}, /*elastic=*/true);
  const auto first = Join(1);
  auto second = Join(2);
  first->Send(WithState(1, 5, "a"));
  second->Send(WithState(1, 5, "b"));
  TrainNext(2, 5);
  second.reset();
  ASSERT_TRUE(first->Read<LearnerMessage>()->has_credit());
  first->Send(WithState(2, 6, "a"));
  ASSERT_TRUE(Received(3));
  receiver_.Tick(TrajectoryReceiver::Clock::now());
  EXPECT_EQ(queue_.size(), 0U);
  MemberTable table = MembersAt(1);
  table.set_version(2);
  for (int i = 0; i < table.members_size(); ++i) {
    if (table.members(i).member_id() == 2) table.mutable_members()->DeleteSubrange(i--, 1);
  }
  admission_.Update(table);
  receiver_.Tick(TrajectoryReceiver::Clock::now());
  TrainNext(1, 6);
  // The next round is of those who are here.
  ASSERT_TRUE(first->Read<LearnerMessage>()->has_credit());
  first->Send(WithState(3, 7, "a"));
  TrainNext(1, 7);
}

TEST_F(LockstepReceiverTest, WhoComesActsFromTheNextVersionOn) {
  Open({}, /*elastic=*/true);
  const auto first = Join(1);
  const auto second = Join(2);
  first->Send(WithState(1, 5, "a"));
  second->Send(WithState(1, 5, "b"));
  ASSERT_TRUE(Received(2));
  Welcome welcome;
  const auto third = Greet(3, &welcome);
  TrainNext(2, 5);
  for (const auto& client : {first.get(), second.get(), third.get()}) {
    const Credit credit = client->Read<LearnerMessage>()->credit();
    EXPECT_EQ(credit.unrolls(), kEnvironments);
    EXPECT_EQ(credit.version(), 6U);
  }
  third->Send(WithState(1, 6, "c"));
  second->Send(WithState(2, 6, "b"));
  ASSERT_TRUE(Received(4));
  EXPECT_EQ(queue_.size(), 0U);
  first->Send(WithState(2, 6, "a"));
  TrainNext(3, 6);
}

}  // namespace
}  // namespace drover
