#include "client/weights_subscriber.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>

#include "gtest/gtest.h"
#include "tests/support/learner_server.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;
using Seen = LearnerServer::Seen;

constexpr uint64_t kLayout = 77;
constexpr size_t kBytes = 100000;

std::string Data(char fill) { return std::string(kBytes, fill); }

Clock::time_point InAMinute() { return Clock::now() + std::chrono::seconds(60); }

class WeightsSubscriberTest : public ::testing::Test {
 protected:
  WeightsSubscriberTest() { learner_.Serve(); }

  WeightsSubscriber::Options Options() {
    WeightsSubscriber::Options options;
    options.identity = [this] { return Identity{"run", 7, epoch_, 3}; };
    options.publisher = [this](std::chrono::milliseconds) { return learner_.endpoint(); };
    options.layout = {kLayout, kBytes};
    options.limits = {std::chrono::milliseconds(20), std::chrono::minutes(1)};
    return options;
  }

  // Waits for `version` and takes it; ones before it may come, too.
  static bool TakeVersion(WeightsSubscriber* subscriber, uint64_t version, WeightSet* set) {
    while (subscriber->WaitForNewer(InAMinute()).ok()) {
      if (!subscriber->Take(set)) return false;
      if (set->header.version() == version) return true;
    }
    return false;
  }

  LearnerServer learner_;
  std::atomic<uint64_t> epoch_{5};
};

TEST_F(WeightsSubscriberTest, SaysWhoItIsAndTakesWhatComes) {
  learner_.Publish(4, 1000, Data('a'), kLayout);
  WeightsSubscriber subscriber(Options());
  WeightSet set;
  ASSERT_TRUE(TakeVersion(&subscriber, 4, &set));
  EXPECT_EQ(set.header.frames(), 1000U);
  EXPECT_EQ(set.data, Data('a'));
  EXPECT_FALSE(subscriber.Take(&set));  // nothing newer

  ASSERT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.requests.size() >= 2; }));
  const Seen seen = learner_.seen();
  EXPECT_EQ(seen.requests[0].run_id(), "run");
  EXPECT_EQ(seen.requests[0].member_id(), 7U);
  EXPECT_EQ(seen.requests[0].epoch(), 5U);
  EXPECT_EQ(seen.requests[0].table_version(), 3U);
  EXPECT_EQ(seen.requests[0].layout_hash(), kLayout);
  EXPECT_EQ(seen.requests[0].newer_than(), 0U);
  EXPECT_EQ(seen.requests[1].newer_than(), 4U);
}

TEST_F(WeightsSubscriberTest, HoldsTheNewest) {
  WeightsSubscriber subscriber(Options());
  for (uint64_t version = 1; version <= 3; ++version) {
    learner_.Publish(version, 0, Data(static_cast<char>('0' + version)), kLayout);
    ASSERT_TRUE(learner_.WaitFor([version](const Seen& seen) {
      return !seen.requests.empty() && seen.requests.back().newer_than() == version;
    }));
  }
  WeightSet set;
  ASSERT_TRUE(subscriber.Take(&set));
  EXPECT_EQ(set.header.version(), 3U);
  EXPECT_EQ(set.data, Data('3'));
  EXPECT_EQ(subscriber.counters().received, 3U);
}

TEST_F(WeightsSubscriberTest, PutsChunksTogether) {
  learner_.SetChunkBytes(333);
  learner_.Publish(1, 0, Data('a'), kLayout);
  WeightsSubscriber subscriber(Options());
  WeightSet set;
  ASSERT_TRUE(TakeVersion(&subscriber, 1, &set));
  EXPECT_EQ(set.data, Data('a'));
}

TEST_F(WeightsSubscriberTest, AsksAgainWhenTheChecksumIsWrong) {
  learner_.CorruptNext();
  learner_.Publish(1, 0, Data('a'), kLayout);
  WeightsSubscriber subscriber(Options());
  WeightSet set;
  ASSERT_TRUE(TakeVersion(&subscriber, 1, &set));
  EXPECT_EQ(set.data, Data('a'));
  EXPECT_EQ(subscriber.counters().damaged, 1U);
  EXPECT_EQ(subscriber.counters().received, 1U);
  EXPECT_EQ(learner_.seen().sets_sent, 2);
}

TEST_F(WeightsSubscriberTest, AsksAgainWhenChunksAreMisplaced) {
  learner_.MisplaceNext();
  learner_.Publish(1, 0, Data('a'), kLayout);
  WeightsSubscriber subscriber(Options());
  WeightSet set;
  ASSERT_TRUE(TakeVersion(&subscriber, 1, &set));
  EXPECT_EQ(subscriber.counters().damaged, 1U);
}

TEST_F(WeightsSubscriberTest, TakesNoWeightsOfAnotherModel) {
  learner_.Publish(1, 0, Data('a'), kLayout + 1);
  WeightsSubscriber subscriber(Options());
  ASSERT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.sets_sent >= 2; }));
  learner_.Publish(2, 0, Data('b'), kLayout);
  WeightSet set;
  ASSERT_TRUE(subscriber.WaitForNewer(InAMinute()).ok());
  ASSERT_TRUE(subscriber.Take(&set));
  EXPECT_EQ(set.header.version(), 2U);
  EXPECT_GE(subscriber.counters().damaged, 1U);
}

TEST_F(WeightsSubscriberTest, ARestartedPublisherIsAskedForWhatIsNewer) {
  WeightsSubscriber subscriber(Options());
  learner_.Publish(8, 0, Data('a'), kLayout);
  WeightSet set;
  ASSERT_TRUE(TakeVersion(&subscriber, 8, &set));
  learner_.Kill();
  epoch_ = 6;
  learner_.Serve();
  ASSERT_TRUE(learner_.WaitFor([](const Seen& seen) {
    return !seen.requests.empty() && seen.requests.back().epoch() == 6;
  }));
  EXPECT_EQ(learner_.seen().requests.back().newer_than(), 8U);
  learner_.Publish(9, 0, Data('b'), kLayout);
  ASSERT_TRUE(TakeVersion(&subscriber, 9, &set));
  EXPECT_EQ(set.data, Data('b'));
}

TEST_F(WeightsSubscriberTest, ASilentPublisherIsLeft) {
  WeightsSubscriber::Options options = Options();
  options.limits.silence = std::chrono::milliseconds(30);  // this server sends no heartbeats
  WeightsSubscriber subscriber(std::move(options));
  EXPECT_TRUE(learner_.WaitFor([](const Seen& seen) { return seen.requests.size() >= 2; }));
}

TEST_F(WeightsSubscriberTest, StopEndsAWait) {
  WeightsSubscriber subscriber(Options());
  EXPECT_TRUE(absl::IsDeadlineExceeded(subscriber.WaitForNewer(Clock::now())));
  std::thread stopper([&subscriber] { subscriber.Stop(); });
  EXPECT_TRUE(absl::IsCancelled(subscriber.WaitForNewer(InAMinute())));
  stopper.join();
}

}  // namespace
}  // namespace drover
