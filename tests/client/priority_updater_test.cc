#include "client/priority_updater.h"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

#include "client/replay_writer.h"
#include "replay/key.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;
using testing::kItemsAMessage;

Clock::time_point InAMinute() { return Clock::now() + std::chrono::seconds(60); }

// A server with six items of priority 1.
class PriorityUpdaterTest : public ::testing::Test {
 protected:
  PriorityUpdaterTest() {
    server_.Serve();
    ReplayWriter::Options writing;
    writing.identity = [] { return testing::ReplayIdentity(1); };
    writing.server = server_.peer();
    writing.spec_hash = testing::kReplaySpecHash;
    writing.environments = testing::kEnvironments;
    ReplayWriter writer(writing);
    InsertRequest request = testing::InsertOf(testing::MakeUnrolls(0, 0)).insert();
    EXPECT_TRUE(writer.Insert(&request, InAMinute()).ok());
    EXPECT_TRUE(writer.Flush(InAMinute()).ok());
    for (uint32_t slot = 0; slot < kItemsAMessage; ++slot) keys_.push_back(Key{0, 1, slot}.bits());
  }

  PriorityUpdater::Options Options() {
    PriorityUpdater::Options options;
    options.identity = [] { return testing::ReplayIdentity(testing::kLearnerMember); };
    options.server = server_.peer();
    options.table = "table";
    options.most = 100;
    return options;
  }

  testing::ReplayServer server_;
  std::vector<uint64_t> keys_;
};

TEST_F(PriorityUpdaterTest, SendsAllThatIsAdded) {
  PriorityUpdater updater(Options());
  for (int i = 0; i < 20; ++i) {
    updater.Add({keys_[0], keys_[1], 4000}, {static_cast<float>(i), 2, 3});
    ASSERT_TRUE(updater.Flush(InAMinute()));
  }
  const PriorityUpdater::Counters counters = updater.counters();
  EXPECT_EQ(counters.sent, 60U);
  EXPECT_EQ(counters.updated, 40U);
  EXPECT_EQ(counters.unknown, 20U);
  EXPECT_EQ(counters.dropped, 0U);
  EXPECT_EQ(server_.services().info().tables(0).largest_priority(), 19);
}

TEST_F(PriorityUpdaterTest, DropsAndCountsWhatNobodyTakes) {
  PriorityUpdater updater(Options());
  updater.Add(std::vector<uint64_t>(101, 1), std::vector<float>(101, 1));  // too many
  EXPECT_EQ(updater.counters().dropped, 101U);
  server_.Kill();
  updater.Add(keys_, std::vector<float>(6, 1));
  ASSERT_TRUE(updater.Flush(InAMinute()));
  EXPECT_EQ(updater.counters().dropped, 107U);
  server_.Serve();
  updater.Add({4000}, {1});
  ASSERT_TRUE(updater.Flush(InAMinute()));
  EXPECT_EQ(updater.counters().unknown, 1U);
  updater.Stop();
  updater.Add({keys_[0]}, {1});
  EXPECT_EQ(updater.counters().dropped, 108U);
}

}  // namespace
}  // namespace drover
