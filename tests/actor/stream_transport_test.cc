#include "actor/stream_transport.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "tests/support/learner_server.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;
using Seen = LearnerServer::Seen;

constexpr uint32_t kEnvironments = 2;

// Has the version that the test says.
class Versioned final : public Policy {
 public:
  uint64_t Refresh() override { return version; }
  void Act(const float*, const ActionRow&, float*) override {}
  void SaveOrRestore(Archive*) override {}

  uint64_t version = 1;
};

class StreamTransportTest : public ::testing::Test {
 protected:
  StreamTransportTest() {
    learner_.Serve();
    TrajectoryStream::Options options;
    options.identity = [] { return Identity{"run", 7, 5, 3}; };
    options.learner = [this](std::chrono::milliseconds) { return learner_.endpoint(); };
    options.environments = kEnvironments;
    stream_ = std::make_unique<TrajectoryStream>(std::move(options));
    transport_ = std::make_unique<StreamTransport>(stream_.get(), &policy_, [this] { OnWait(); });
    WaitForConnection(1);
  }

  // The test's say when the transport waits for weights.
  void OnWait() {
    EXPECT_GT(transport_->waiting_since(), 0);
    if (++waits_ >= patience_) policy_.version = arrives_;
  }

  void WaitForConnection(size_t n) {
    ASSERT_TRUE(learner_.WaitFor([n](const Seen& seen) { return seen.hellos.size() >= n; }));
    while (stream_->counters().connections < n) std::this_thread::yield();
  }

  absl::Status Acquire() {
    return transport_->AcquireCredits(Clock::now() + std::chrono::seconds(60));
  }

  LearnerServer learner_;
  Versioned policy_;
  int waits_ = 0;
  int patience_ = 0;
  uint64_t arrives_ = 0;
  std::unique_ptr<TrajectoryStream> stream_;
  std::unique_ptr<StreamTransport> transport_;
};

TEST_F(StreamTransportTest, WaitsForTheWeightsThatTheCreditsName) {
  patience_ = 3;
  arrives_ = 5;
  learner_.Grant(kEnvironments, 5);
  EXPECT_TRUE(Acquire().ok());
  EXPECT_EQ(waits_, 3);
  EXPECT_EQ(transport_->version(), 5U);
  EXPECT_EQ(transport_->waiting_since(), 0);
}

TEST_F(StreamTransportTest, NewerWeightsWillDo) {
  policy_.version = 9;
  learner_.Grant(kEnvironments, 5);
  EXPECT_TRUE(Acquire().ok());
  EXPECT_EQ(waits_, 0);
}

TEST_F(StreamTransportTest, KeepsTheCreditsWhileItWaits) {
  learner_.Grant(kEnvironments, 5);
  ASSERT_TRUE(learner_.WaitFor([](const Seen&) { return true; }));
  while (stream_->counters().granted < kEnvironments) std::this_thread::yield();
  EXPECT_TRUE(absl::IsDeadlineExceeded(transport_->AcquireCredits(Clock::now())));
  policy_.version = 5;
  EXPECT_TRUE(transport_->AcquireCredits(Clock::now()).ok());
  // They were taken once.
  EXPECT_TRUE(absl::IsDeadlineExceeded(transport_->AcquireCredits(Clock::now())));
}

TEST_F(StreamTransportTest, ANewConnectionsCreditsCountAnew) {
  learner_.Grant(kEnvironments, 5);
  while (stream_->counters().granted < kEnvironments) std::this_thread::yield();
  EXPECT_TRUE(absl::IsDeadlineExceeded(transport_->AcquireCredits(Clock::now())));
  learner_.Kill();
  learner_.Serve();
  WaitForConnection(2);
  learner_.Grant(kEnvironments, 1);
  EXPECT_TRUE(Acquire().ok());
  EXPECT_EQ(transport_->terms().connection, 2U);
}

}  // namespace
}  // namespace drover
