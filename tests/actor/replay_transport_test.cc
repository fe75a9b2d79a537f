#include "actor/replay_transport.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "tests/learner/unrolls.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using testing::kEnvironments;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::ReplayServer;

class ReplayTransportTest : public ::testing::Test {
 protected:
  // With a table of items of so many steps.
  void Make(uint32_t steps, double max_diff, uint64_t max_frames = 1'000'000) {
    ReplayServer::Options options;
    options.tables[0].steps = steps;
    options.tables[0].rate_limit.max_diff = max_diff;
    options.max_frames = max_frames;
    server_ = std::make_unique<ReplayServer>(options);
    server_->Serve();
    ReplayWriter::Options writer;
    writer.identity = [] { return testing::ReplayIdentity(1); };
    writer.server = server_->peer();
    writer.spec_hash = testing::kReplaySpecHash;
    writer.environments = kEnvironments;
    writer.window = 1;
    writer_ = std::make_unique<ReplayWriter>(writer);
    Replay config;
    config.add_tables()->set_name("table");
    config.mutable_tables(0)->set_steps(steps);
    transport_ = std::make_unique<ReplayTransport>(writer_.get(), config, kEnvironments, kSteps,
                                                   [this] { return stop_.load(); });
  }

  absl::Status Send() {
    Unrolls unrolls = MakeUnrolls(0, 1);
    const char* memory = unrolls.columns(0).data();
    const absl::Status status = transport_->Send(&unrolls);
    EXPECT_EQ(unrolls.columns(0).data(), memory);  // the loop's again
    return status;
  }

  bool HasItems(uint64_t items) {
    return server_->WaitFor(
        [items](const InfoReply& info) { return info.tables(0).inserts() == items; });
  }

  std::atomic<bool> stop_{false};
  std::unique_ptr<ReplayServer> server_;
  std::unique_ptr<ReplayWriter> writer_;
  std::unique_ptr<ReplayTransport> transport_;
};

TEST_F(ReplayTransportTest, EveryStepStartsOneItem) {
  Make(1, RateLimit::kInfinity);
  for (uint64_t messages : {1, 2, 3}) {
    ASSERT_TRUE(Send().ok());
    EXPECT_TRUE(HasItems(messages * kSteps * kEnvironments));
  }
}

TEST_F(ReplayTransportTest, WindowsReachOverMessages) {
  constexpr uint32_t kWindow = 2;
  Make(kWindow, RateLimit::kInfinity);
  for (uint64_t messages : {1, 2, 3}) {
    ASSERT_TRUE(Send().ok());
    EXPECT_TRUE(HasItems((messages * kSteps - (kWindow - 1)) * kEnvironments));
  }
  EXPECT_EQ(server_->store().counters().unlinked_items, 0U);
}

TEST_F(ReplayTransportTest, StopsWhileTheRateLimiterHoldsItBack) {
  Make(1, 1);
  std::thread later([this] {
    while (writer_->counters().wait_current == 0) std::this_thread::yield();
    stop_ = true;
  });
  absl::Status status;
  for (int i = 0; i < 4 && status.ok(); ++i) status = Send();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  later.join();
}

TEST_F(ReplayTransportTest, StopsWhileItWaitsWhereTheBudgetIsSpent) {
  Make(1, RateLimit::kInfinity, uint64_t{2} * kSteps * kEnvironments);
  std::thread later([this] {
    while (writer_->counters().wait_current == 0) std::this_thread::yield();
    stop_ = true;
  });
  absl::Status status;
  while (status.ok()) status = Send();
  EXPECT_TRUE(absl::IsCancelled(status)) << status;
  EXPECT_FALSE(transport_->over());
  later.join();
}

TEST_F(ReplayTransportTest, IsOverWhenTheServerWillNeverTakeIt) {
  Make(1, RateLimit::kInfinity);
  ASSERT_TRUE(transport_->AcquireCredits({}).ok());
  Unrolls unrolls = MakeUnrolls(0, 1);
  unrolls.mutable_columns(0)->pop_back();
  absl::Status status;
  while (status.ok()) status = transport_->Send(&unrolls);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_TRUE(transport_->over());
  EXPECT_EQ(transport_->AcquireCredits({}), status);
}

}  // namespace
}  // namespace drover
