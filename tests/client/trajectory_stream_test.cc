#include "client/trajectory_stream.h"

#include <atomic>
#include <chrono>
#include <limits>
#include <memory>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "tests/support/learner_server.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;
using Seen = LearnerServer::Seen;

constexpr uint32_t kEnvironments = 4;

Clock::time_point InAMinute() { return Clock::now() + std::chrono::seconds(60); }

Unrolls OneColumn(float value) {
  Unrolls unrolls;
  unrolls.add_columns()->assign(reinterpret_cast<const char*>(&value), sizeof(value));
  return unrolls;
}

class TrajectoryStreamTest : public ::testing::Test {
 protected:
  TrajectoryStreamTest() { learner_.Serve(); }

  TrajectoryStream::Options Options() {
    TrajectoryStream::Options options;
    options.identity = [this] { return Identity{"run", 7, epoch_, 3}; };
    options.learner = [this](std::chrono::milliseconds) { return learner_.endpoint(); };
    options.spec_hash = 99;
    options.environments = kEnvironments;
    options.limits = {std::chrono::milliseconds(20), std::chrono::minutes(1)};
    return options;
  }

  // The learner has greeted the stream's n-th connection.
  bool WaitForHello(size_t n) {
    return learner_.WaitFor([n](const Seen& seen) { return seen.hellos.size() >= n; });
  }

  // Grants credits for one unroll, sends it, and waits until it has arrived as number `n`.
  void SendOne(TrajectoryStream* stream, size_t n) {
    learner_.Grant(kEnvironments);
    ASSERT_TRUE(stream->AcquireCredits(InAMinute()).ok());
    Unrolls unrolls = OneColumn(1);
    ASSERT_TRUE(stream->Send(&unrolls).ok());
    ASSERT_TRUE(learner_.WaitFor([n](const Seen& seen) { return seen.unrolls.size() >= n; }));
  }

  LearnerServer learner_;
  std::atomic<uint64_t> epoch_{5};
};

TEST_F(TrajectoryStreamTest, SaysHello) {
  learner_.SetLastSequence(41);
  TrajectoryStream stream(Options());
  EXPECT_EQ(stream.WaitForWelcome(InAMinute()).value(), 41U);
  const Seen seen = learner_.seen();
  ASSERT_EQ(seen.hellos.size(), 1U);
  EXPECT_EQ(seen.hellos[0].run_id(), "run");
  EXPECT_EQ(seen.hellos[0].member_id(), 7U);
  EXPECT_EQ(seen.hellos[0].epoch(), 5U);
  EXPECT_EQ(seen.hellos[0].table_version(), 3U);
  EXPECT_EQ(seen.hellos[0].spec_hash(), 99U);
  EXPECT_EQ(seen.hellos[0].environments(), kEnvironments);
}

TEST_F(TrajectoryStreamTest, SendsUnrollsInSequenceAndLeavesThemAsTheyWere) {
  learner_.SetLastSequence(41);
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  learner_.Grant(2 * kEnvironments);
  Unrolls unrolls = OneColumn(3);
  const char* memory = unrolls.columns(0).data();
  for (uint64_t sequence = 42; sequence <= 43; ++sequence) {
    ASSERT_TRUE(stream.AcquireCredits(InAMinute()).ok());
    ASSERT_TRUE(stream.Send(&unrolls).ok());
    EXPECT_EQ(unrolls.sequence(), sequence);
    EXPECT_EQ(unrolls.columns(0).data(), memory);
  }
  ASSERT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.unrolls.size() == 2; }));
  const Seen seen = learner_.seen();
  EXPECT_EQ(seen.unrolls[0].sequence(), 42U);
  EXPECT_EQ(seen.unrolls[1].sequence(), 43U);
  EXPECT_EQ(seen.unrolls[1].columns(0), unrolls.columns(0));
  EXPECT_EQ(stream.counters().sent, 2U);
}

TEST_F(TrajectoryStreamTest, NeverSendsMoreThanWasGranted) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  std::thread actor([&stream] {
    Unrolls unrolls = OneColumn(1);
    while (stream.AcquireCredits(InAMinute()).ok() && stream.Send(&unrolls).ok()) {
    }
  });
  // Single credits: a message goes out for each four of them.
  for (int i = 1; i <= 40; ++i) learner_.Grant(1);
  EXPECT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.unrolls.size() == 10; }));
  learner_.Grant(kEnvironments - 1);
  EXPECT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.heartbeats >= 2; }));
  stream.Stop();
  actor.join();
  EXPECT_EQ(learner_.seen().unrolls.size(), 10U);
  EXPECT_EQ(learner_.seen().overdrafts, 0);
  EXPECT_EQ(stream.counters().granted, 43U);
}

TEST_F(TrajectoryStreamTest, WaitsForCreditsAndSaysSo) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  EXPECT_TRUE(
      absl::IsDeadlineExceeded(stream.AcquireCredits(Clock::now() + std::chrono::milliseconds(5))));
  EXPECT_GE(stream.counters().credit_wait_seconds, 0.005);
  // Who asks again goes on waiting.
  EXPECT_TRUE(
      absl::IsDeadlineExceeded(stream.AcquireCredits(Clock::now() + std::chrono::milliseconds(5))));
  EXPECT_GE(stream.counters().credit_wait_current, 0.01);
  std::thread actor([&stream] { EXPECT_TRUE(stream.AcquireCredits(InAMinute()).ok()); });
  EXPECT_GE(stream.counters().credit_wait_current, 0.01);
  learner_.Grant(kEnvironments);
  actor.join();
  EXPECT_EQ(stream.counters().credit_wait_current, 0);
}

TEST_F(TrajectoryStreamTest, ReconnectsAndGoesOnInSequence) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(WaitForHello(1));
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  SendOne(&stream, 1);
  SendOne(&stream, 2);
  learner_.Kill();
  learner_.SetLastSequence(1);  // its checkpoint was older
  learner_.Serve();
  ASSERT_TRUE(WaitForHello(2));
  SendOne(&stream, 3);
  EXPECT_EQ(learner_.seen().unrolls[2].sequence(), 3U);
  EXPECT_EQ(stream.counters().connections, 2U);
  EXPECT_EQ(stream.WaitForWelcome(InAMinute()).value(), 0U);  // the first one's, still
}

TEST_F(TrajectoryStreamTest, AnUnrollBegunOnABrokenConnectionNeverArrives) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  learner_.Grant(2 * kEnvironments);
  ASSERT_TRUE(stream.AcquireCredits(InAMinute()).ok());
  learner_.Kill();
  learner_.Serve();
  ASSERT_TRUE(WaitForHello(2));
  while (stream.counters().connections < 2) std::this_thread::yield();
  Unrolls unrolls = OneColumn(1);
  EXPECT_TRUE(absl::IsAborted(stream.Send(&unrolls)));
  // The old connection's second credit is void, too.
  EXPECT_TRUE(absl::IsDeadlineExceeded(stream.AcquireCredits(Clock::now())));
  EXPECT_EQ(stream.counters().lost, 1U);
  SendOne(&stream, 1);
  EXPECT_EQ(learner_.seen().unrolls.size(), 1U);
  EXPECT_EQ(learner_.seen().overdrafts, 0);
}

TEST_F(TrajectoryStreamTest, SendsNothingBetweenConnections) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  learner_.Grant(kEnvironments);
  ASSERT_TRUE(stream.AcquireCredits(InAMinute()).ok());
  learner_.Kill();
  Unrolls unrolls = OneColumn(1);
  absl::Status status;
  // The first may still go into a socket that nobody reads.
  while ((status = stream.Send(&unrolls)).ok()) std::this_thread::yield();
  EXPECT_TRUE(absl::IsAborted(status)) << status;
}

TEST_F(TrajectoryStreamTest, AFencedActorComesBackWithItsNewEpoch) {
  learner_.SetLeastEpoch(6);
  TrajectoryStream stream(Options());
  ASSERT_TRUE(WaitForHello(2));  // it keeps trying
  epoch_ = 6;
  EXPECT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  EXPECT_EQ(learner_.seen().hellos.back().epoch(), 6U);
}

TEST_F(TrajectoryStreamTest, AnActorFencedInMidstreamComesBack) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  learner_.CloseStream({grpc::StatusCode::FAILED_PRECONDITION, "an old epoch"});
  epoch_ = 6;
  ASSERT_TRUE(WaitForHello(2));
  EXPECT_EQ(learner_.seen().hellos.back().epoch(), 6U);
  EXPECT_FALSE(stream.over());
}

// Cut off from the learner that it streamed to, it may act on its successor's weights already.
TEST_F(TrajectoryStreamTest, AnActorWithANewerLearnersWeightsComesBack) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  learner_.CloseStream({grpc::StatusCode::ABORTED, "weights of another learner"});
  ASSERT_TRUE(WaitForHello(2));
  EXPECT_FALSE(stream.over());
}

TEST_F(TrajectoryStreamTest, ALearnerThatWillNeverTakeItEndsTheStream) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  learner_.CloseStream({grpc::StatusCode::INVALID_ARGUMENT, "does not fit the spec"});
  const absl::Status status = stream.AcquireCredits(InAMinute());
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_EQ(status.message(), "does not fit the spec");
  EXPECT_TRUE(stream.over());
  Unrolls unrolls = OneColumn(1);
  EXPECT_TRUE(absl::IsInvalidArgument(stream.Send(&unrolls)));
}

TEST_F(TrajectoryStreamTest, DrainEndsWaitAndSend) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  EXPECT_FALSE(stream.over());
  learner_.Grant(kEnvironments);
  ASSERT_TRUE(stream.AcquireCredits(InAMinute()).ok());
  learner_.Drain();
  EXPECT_TRUE(absl::IsCancelled(stream.AcquireCredits(InAMinute())));
  EXPECT_TRUE(stream.over());
  Unrolls unrolls = OneColumn(1);
  EXPECT_TRUE(absl::IsCancelled(stream.Send(&unrolls)));
  EXPECT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.broken == 1; }));
  EXPECT_EQ(learner_.seen().hellos.size(), 1U);  // it does not come back
}

TEST_F(TrajectoryStreamTest, ARejectedUnrollIsCountedAndTheStreamLives) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  learner_.Grant(kEnvironments);
  ASSERT_TRUE(stream.AcquireCredits(InAMinute()).ok());
  Unrolls unrolls = OneColumn(std::numeric_limits<float>::quiet_NaN());
  ASSERT_TRUE(stream.Send(&unrolls).ok());
  while (stream.counters().rejected == 0) std::this_thread::yield();
  SendOne(&stream, 1);
  EXPECT_EQ(stream.counters().rejected, 1U);
  EXPECT_EQ(stream.counters().connections, 1U);
}

TEST_F(TrajectoryStreamTest, SendsHeartbeatsAndLeavesASilentLearner) {
  TrajectoryStream::Options options = Options();
  options.limits = {std::chrono::milliseconds(5), std::chrono::milliseconds(300)};
  TrajectoryStream stream(std::move(options));
  EXPECT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.heartbeats >= 3; }));
  EXPECT_TRUE(WaitForHello(2));  // this server sends none
}

TEST_F(TrajectoryStreamTest, ALearnerThatSpeaksWrongIsLeft) {
  TrajectoryStream stream(Options());
  ASSERT_TRUE(stream.WaitForWelcome(InAMinute()).ok());
  LearnerMessage second_welcome;
  second_welcome.mutable_welcome();
  learner_.SendRaw(second_welcome);
  EXPECT_TRUE(WaitForHello(2));
  EXPECT_FALSE(stream.over());
}

TEST_F(TrajectoryStreamTest, StopEndsAWaitWithoutALearner) {
  TrajectoryStream::Options options = Options();
  options.learner = [](std::chrono::milliseconds timeout) {
    std::this_thread::sleep_for(std::min(timeout, std::chrono::milliseconds(1)));
    return absl::UnavailableError("none yet");
  };
  TrajectoryStream stream(std::move(options));
  std::thread stopper([&stream] { stream.Stop(); });
  EXPECT_TRUE(absl::IsCancelled(stream.AcquireCredits(InAMinute())));
  EXPECT_TRUE(absl::IsCancelled(stream.WaitForWelcome(InAMinute()).status()));
  stopper.join();
}

}  // namespace
}  // namespace drover
