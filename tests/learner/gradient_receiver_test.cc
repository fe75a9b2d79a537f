#include "learner/gradient_receiver.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/file.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/server.h"
#include "tests/learner/moments.h"
#include "tests/learner/pushes.h"
#include "tests/support/eventually.h"

namespace drover {
namespace {

using testing::Ask;
using testing::Eventually;
using testing::kEnvironments;
using testing::kFramesAPush;
using testing::MakePush;
using testing::ParametersOf;
using Verdict = PushReply::Verdict;
using Reply = absl::StatusOr<PushReply>;

constexpr std::chrono::seconds kLimit{60};

class GradientReceiverTest : public ::testing::Test {
 protected:
  ~GradientReceiverTest() override {
    receiver_.Close();
    server_->Shutdown(std::chrono::milliseconds(0));
  }

  void SetUp() override {
    auto server = RpcServer::Start({{"unix:" + directory_.path() + "/learner.sock"}}, {&receiver_});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    admission_.Update(testing::MembersAt(1));
    stub_ = GradientService::NewStub(
        MakeChannel("unix:" + directory_.path() + "/learner.sock", ChannelUse::kBulk));
  }

  // With weights of version 10.
  void Open(uint64_t max_frames = 1000000, ReceivedTotals totals = {}) {
    receiver_.Open({testing::PushForm(), kEnvironments, /*max_policy_lag=*/2, max_frames},
                   std::move(totals), &episodes_);
    SetWeights(10);
  }
  void SetWeights(uint64_t version) {
    receiver_.SetWeights(version, 100 * version, ParametersOf(static_cast<float>(version)));
  }

  Reply Push(const PushRequest& request) const {
    return CallUnary(stub_.get(), &GradientService::Stub::Push, request, kLimit);
  }
  std::future<Reply> Start(const PushRequest& request) const {
    return std::async(std::launch::async, [this, request] { return Push(request); });
  }
  bool Pending(int64_t count) const {
    return Eventually([&] { return receiver_.counters().pending == count; });
  }

  std::optional<ReceivedGradient> Next() {
    return receiver_.Next(GradientReceiver::Clock::now() + kLimit);
  }
  bool NothingToApply() { return !receiver_.Next(GradientReceiver::Clock::now()).has_value(); }
  // Applies the next one, which makes `version`.
  void Apply(uint64_t version) {
    ASSERT_TRUE(Next().has_value());
    SetWeights(version);
    receiver_.Answer();
  }
  // Pushes it and applies it.
  PushReply Exchange(const PushRequest& request, uint64_t makes_version) {
    std::future<Reply> reply = Start(request);
    Apply(makes_version);
    const Reply answer = reply.get();
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.ok() ? *answer : PushReply();
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  Admission admission_{{Role::actor}};
  EpisodeStatistics episodes_{100};
  GradientReceiver receiver_{&admission_};
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<GradientService::Stub> stub_;
};

TEST_F(GradientReceiverTest, RefusesUntilItHasWeights) {
  EXPECT_EQ(Push(Ask(1)).status().code(), absl::StatusCode::kUnavailable);
  receiver_.Open({testing::PushForm(), kEnvironments, 2, 1000}, {}, &episodes_);
  EXPECT_EQ(Push(Ask(1)).status().code(), absl::StatusCode::kUnavailable);
  SetWeights(1);
  EXPECT_TRUE(Push(Ask(1)).ok());
  EXPECT_EQ(receiver_.counters().refused, 0U);
}

TEST_F(GradientReceiverTest, HandsOutWhatWasSeenWithItsGradient) {
  GradientOptions options{testing::PushForm(), kEnvironments, 2, 1000};
  options.form.moments = testing::kMoments;
  receiver_.Open(options, {}, &episodes_);
  SetWeights(1);
  EXPECT_TRUE(absl::IsInvalidArgument(Push(MakePush(1, 1, 1)).status()));
  std::future<Reply> reply = Start(testing::WithMoments(MakePush(1, 1, 1), 8));
  const std::optional<ReceivedGradient> gradient = Next();
  ASSERT_TRUE(gradient.has_value());
  EXPECT_EQ(gradient->seen.observations.mean(1), 9);
  EXPECT_EQ(gradient->seen.returns.mean(0), -8);
  receiver_.Answer();
  EXPECT_TRUE(reply.get().ok());
}

TEST_F(GradientReceiverTest, GivesWeightsToWhoAsks) {
  Open(1000000, {600, {{1, 7}}, 0, {}, 0});
  const Reply reply = Push(Ask(1));
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->version(), 10U);
  EXPECT_EQ(reply->frames(), 600U);
  EXPECT_EQ(reply->trained_frames(), 1000U);
  EXPECT_EQ(reply->parameters(), ParametersOf(10));
  EXPECT_EQ(reply->last_sequence(), 7U);
  EXPECT_EQ(reply->verdict(), Verdict::none);
  EXPECT_FALSE(reply->drain());
}

TEST_F(GradientReceiverTest, AGradientIsAnsweredWhenItIsInTheWeights) {
  Open();
  std::future<Reply> reply = Start(MakePush(1, 1, 9, 5));
  const auto gradient = Next();
  ASSERT_TRUE(gradient.has_value());
  EXPECT_EQ(gradient->values, ParametersOf(5));
  EXPECT_EQ(gradient->statistics, (std::map<std::string, double>{{"loss", 5}}));
  EXPECT_EQ(gradient->lag, 1U);
  EXPECT_EQ(reply.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  SetWeights(11);
  receiver_.Answer();
  const Reply answer = reply.get();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->version(), 11U);
  EXPECT_EQ(answer->parameters(), ParametersOf(11));
  EXPECT_EQ(answer->verdict(), Verdict::applied);
  EXPECT_EQ(answer->last_sequence(), 1U);
  EXPECT_EQ(answer->frames(), kFramesAPush);

  const GradientCounters counters = receiver_.counters();
  EXPECT_EQ(counters.frames, kFramesAPush);
  EXPECT_EQ(counters.applied, 1U);
  EXPECT_EQ(episodes_.Last(100).episodes, 1U);
  EXPECT_EQ(episodes_.Last(100).mean_return, 5);
}

TEST_F(GradientReceiverTest, NoStepWasActedBeforeItOpenedOrIsStillToCome) {
  const uint64_t opened = UnixMicros();
  Open();
  uint64_t sequence = 0;
  for (const uint64_t told : {UINT64_MAX, uint64_t{1}, uint64_t{0}}) {
    PushRequest push = MakePush(1, ++sequence, 10);
    push.set_started_unix_micros(told);
    std::future<Reply> reply = Start(push);
    ASSERT_TRUE(Next().has_value());
    receiver_.Answer();
    ASSERT_TRUE(reply.get().ok());
    EXPECT_GE(receiver_.counters().started_unix_micros, opened) << told;
    EXPECT_LE(receiver_.counters().started_unix_micros, UnixMicros()) << told;
  }
}

TEST_F(GradientReceiverTest, TheyAreAppliedInTheOrderInWhichTheyCome) {
  Open();
  std::vector<std::future<Reply>> replies;
  for (uint64_t member = 1; member <= 5; ++member) {
    replies.push_back(Start(MakePush(member, 1, 10, static_cast<float>(member))));
    ASSERT_TRUE(Pending(static_cast<int64_t>(member)));
  }
  for (uint64_t member = 1; member <= 3; ++member) {
    const auto gradient = Next();
    ASSERT_TRUE(gradient.has_value());
    EXPECT_EQ(gradient->values, ParametersOf(static_cast<float>(member)));
    EXPECT_EQ(gradient->lag, member - 1);
    SetWeights(10 + member);
    receiver_.Answer();
    EXPECT_EQ(replies[member - 1].get()->version(), 10 + member);
  }
  // The others are older than 2 versions now.
  EXPECT_TRUE(NothingToApply());
  for (const size_t late : {3, 4}) {
    const Reply reply = replies[late].get();
    ASSERT_TRUE(reply.ok());
    EXPECT_EQ(reply->verdict(), Verdict::too_old);
    EXPECT_EQ(reply->version(), 13U);
    EXPECT_EQ(reply->last_sequence(), 1U);
  }
  EXPECT_EQ(receiver_.counters().too_old, 2U);
  EXPECT_EQ(receiver_.counters().frames, 5 * kFramesAPush);
  EXPECT_EQ(receiver_.counters().applied, 3U);
}

TEST_F(GradientReceiverTest, ARepeatedGradientIsAppliedOnce) {
  Open();
  EXPECT_EQ(Exchange(MakePush(1, 1, 10), 11).verdict(), Verdict::applied);
  const Reply again = Push(MakePush(1, 1, 10));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->verdict(), Verdict::repeated);
  EXPECT_EQ(again->version(), 11U);
  EXPECT_TRUE(NothingToApply());
  EXPECT_EQ(receiver_.counters().frames, kFramesAPush);
  EXPECT_EQ(receiver_.counters().repeated, 1U);
  EXPECT_EQ(receiver_.totals().last_sequence, (std::map<uint64_t, uint64_t>{{1, 1}}));
}

// As one that had no answer in time.
TEST_F(GradientReceiverTest, TheSameGradientAgainKeepsItsTurn) {
  Open();
  std::future<Reply> first = Start(MakePush(1, 1, 10, 1));
  ASSERT_TRUE(Pending(1));
  std::future<Reply> other = Start(MakePush(2, 1, 10, 2));
  ASSERT_TRUE(Pending(2));
  std::future<Reply> again = Start(MakePush(1, 1, 10, 1));
  EXPECT_EQ(first.get().status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(receiver_.counters().pending, 2);
  const auto gradient = Next();
  ASSERT_TRUE(gradient.has_value());
  EXPECT_EQ(gradient->values, ParametersOf(1));
  SetWeights(11);
  receiver_.Answer();
  EXPECT_EQ(again.get()->verdict(), Verdict::applied);
  Apply(12);
  EXPECT_EQ(other.get()->verdict(), Verdict::applied);
  EXPECT_EQ(receiver_.counters().frames, 2 * kFramesAPush);
}

TEST_F(GradientReceiverTest, ASuccessorsFirstCallDropsWhatIsPending) {
  Open();
  std::future<Reply> killed = Start(MakePush(1, 1, 10));
  ASSERT_TRUE(Pending(1));
  const Reply asked = Push(Ask(1));
  ASSERT_TRUE(asked.ok());
  EXPECT_EQ(asked->last_sequence(), 0U);
  EXPECT_EQ(killed.get().status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(NothingToApply());
  EXPECT_EQ(Exchange(MakePush(1, 1, 10), 11).verdict(), Verdict::applied);
  EXPECT_EQ(receiver_.counters().frames, kFramesAPush);
}

TEST_F(GradientReceiverTest, NumbersThatAreNoneAreRefusedAndCounted) {
  Open();
  const Reply reply = Push(MakePush(1, 1, 10, std::nanf("")));
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->verdict(), Verdict::not_finite);
  EXPECT_EQ(reply->last_sequence(), 1U);
  EXPECT_TRUE(NothingToApply());
  EXPECT_EQ(receiver_.counters().not_finite, 1U);
  EXPECT_EQ(receiver_.counters().frames, 0U);
  EXPECT_EQ(episodes_.Last(100).episodes, 0U);
  EXPECT_EQ(Exchange(MakePush(1, 3, 10), 11).verdict(), Verdict::applied);
  EXPECT_EQ(receiver_.totals().missing, 2U);  // 1 and 2
  EXPECT_EQ(receiver_.counters().frames, kFramesAPush);
}

TEST_F(GradientReceiverTest, WhatTheProtoForbidsIsRefusedAndCounted) {
  Open();
  const std::vector<std::pair<absl::StatusCode, std::function<void(PushRequest*)>>> forbidden = {
      {absl::StatusCode::kNotFound, [](PushRequest* r) { r->set_member_id(77); }},
      {absl::StatusCode::kNotFound, [](PushRequest* r) { r->set_member_id(testing::kEvaluator); }},
      {absl::StatusCode::kFailedPrecondition, [](PushRequest* r) { r->set_epoch(9); }},
      {absl::StatusCode::kFailedPrecondition, [](PushRequest* r) { r->set_run_id("other"); }},
      {absl::StatusCode::kFailedPrecondition, [](PushRequest* r) { r->set_layout_hash(1); }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { r->set_gradient("12345678"); }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { r->set_sequence(0); }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { r->set_version(11); }},
      {absl::StatusCode::kInvalidArgument,
       [](PushRequest* r) { r->mutable_episodes(0)->set_length(0); }},
      {absl::StatusCode::kResourceExhausted,
       [](PushRequest* r) { r->set_run_id(std::string(100000, 'x')); }},
  };
  uint64_t refused = 0;
  for (const auto& [code, change] : forbidden) {
    PushRequest request = MakePush(1, 1, 10);
    change(&request);
    const Reply reply = Push(request);
    EXPECT_EQ(reply.status().code(), code) << request.ShortDebugString() << reply.status();
    EXPECT_EQ(receiver_.counters().refused, ++refused);
  }
  EXPECT_TRUE(NothingToApply());
  EXPECT_EQ(receiver_.counters().frames, 0U);
}

TEST_F(GradientReceiverTest, StatisticsHaveABoundedNumberOfNames) {
  Open();
  uint64_t sequence = 0;
  for (int i = 0; i < 64; ++i) {
    PushRequest request = MakePush(1, ++sequence, 10);
    request.mutable_statistics()->clear();
    (*request.mutable_statistics())["name" + std::to_string(i)] = 1;
    ASSERT_EQ(Exchange(request, 10).verdict(), Verdict::applied);
  }
  EXPECT_EQ(Push(MakePush(1, ++sequence, 10)).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(GradientReceiverTest, WhoNamesATableThatHasNotArrivedComesAgain) {
  Open();
  PushRequest request = Ask(1);
  request.set_epoch(testing::kEpoch + 1);
  request.set_table_version(2);
  EXPECT_EQ(Push(request).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(receiver_.counters().refused, 0U);
  admission_.Update(testing::MembersAt(2, testing::kEpoch + 1));
  EXPECT_TRUE(Push(request).ok());
}

TEST_F(GradientReceiverTest, NothingIsAcceptedPastMaxFrames) {
  Open(2 * kFramesAPush + 1);
  EXPECT_FALSE(Exchange(MakePush(1, 1, 10), 11).drain());
  std::future<Reply> last = Start(MakePush(1, 2, 11));
  ASSERT_TRUE(Pending(1));
  std::future<Reply> late = Start(MakePush(2, 1, 11));
  ASSERT_TRUE(Pending(2));
  EXPECT_FALSE(receiver_.finished());
  Apply(12);
  EXPECT_TRUE(receiver_.budget_spent());
  EXPECT_TRUE(receiver_.finished());
  EXPECT_EQ(last.get()->verdict(), Verdict::applied);
  const Reply refused = late.get();
  EXPECT_EQ(refused->verdict(), Verdict::late);
  EXPECT_TRUE(refused->drain());
  EXPECT_EQ(Push(MakePush(3, 1, 11))->verdict(), Verdict::late);
  EXPECT_TRUE(Push(Ask(3))->drain());
  EXPECT_TRUE(NothingToApply());
  EXPECT_EQ(receiver_.counters().frames, 2 * kFramesAPush);
}

TEST_F(GradientReceiverTest, DrainAnswersEveryone) {
  Open();
  std::future<Reply> applied = Start(MakePush(1, 1, 10));
  ASSERT_TRUE(Next().has_value());
  std::future<Reply> pending = Start(MakePush(2, 1, 10));
  ASSERT_TRUE(Pending(1));
  SetWeights(11);
  receiver_.Drain();
  EXPECT_EQ(applied.get()->verdict(), Verdict::applied);
  EXPECT_EQ(pending.get()->verdict(), Verdict::late);
  EXPECT_EQ(receiver_.counters().frames, kFramesAPush);  // what is late does not count
}

TEST_F(GradientReceiverTest, CloseEndsEveryCall) {
  Open();
  std::future<Reply> taken = Start(MakePush(1, 1, 10));
  ASSERT_TRUE(Next().has_value());
  std::future<Reply> pending = Start(MakePush(2, 1, 10));
  ASSERT_TRUE(Pending(1));
  receiver_.Close();
  EXPECT_EQ(taken.get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(pending.get().status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Push(Ask(1)).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(GradientReceiverTest, ManyActorsPushAtOnceAndEachFrameCountsOnce) {
  constexpr uint64_t kMembers = 8;
  constexpr uint64_t kPushes = 100;
  Open(kMembers * kPushes * kFramesAPush);
  std::vector<std::thread> actors;
  for (uint64_t member = 1; member <= kMembers; ++member) {
    actors.emplace_back([this, member] {
      Reply reply = Push(Ask(member));
      for (uint64_t sequence = 1; sequence <= kPushes && reply.ok(); ++sequence) {
        const PushRequest request = MakePush(member, sequence, reply->version());
        reply = Push(request);
        if (sequence % 7 == 0) EXPECT_EQ(Push(request)->verdict(), Verdict::repeated);
      }
      EXPECT_TRUE(reply.ok()) << reply.status();
    });
  }
  uint64_t version = 10;
  while (Next().has_value()) {
    SetWeights(++version);
    receiver_.Answer();
  }
  for (std::thread& actor : actors) actor.join();
  EXPECT_TRUE(receiver_.budget_spent());
  const GradientCounters counters = receiver_.counters();
  EXPECT_EQ(counters.applied + counters.too_old, kMembers * kPushes);
  EXPECT_EQ(counters.frames, kMembers * kPushes * kFramesAPush);
  EXPECT_EQ(counters.applied, version - 10);
  EXPECT_EQ(receiver_.totals().missing, 0U);
}

}  // namespace
}  // namespace drover
