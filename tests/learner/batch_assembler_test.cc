#include "learner/batch_assembler.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>

#include "tests/learner/unrolls.h"

namespace drover {
namespace {

using testing::FromBytes;
using testing::kEnvironments;
using testing::MakeUnrolls;

std::chrono::steady_clock::time_point Soon() {
  return std::chrono::steady_clock::now() + std::chrono::seconds(60);
}

class BatchAssemblerTest : public ::testing::Test {
 protected:
  void Start(int64_t batch, int64_t max_policy_lag, uint64_t first_version = 0) {
    BatchAssembler::Options options{*UnrollLayout::Make(testing::TestSpec()), kEnvironments,
                                    max_policy_lag, first_version, nullptr};
    batch_ = batch;
    options.on_drop = [this](int64_t unrolls) { dropped_ += unrolls; };
    assembler_ = std::make_unique<BatchAssembler>(std::move(options), &queue_);
  }

  void Push(uint64_t version, float base) {
    ASSERT_TRUE(queue_.TryPush(
        {std::make_unique<Unrolls>(MakeUnrolls(++sequence_, version, base)), batch_}));
  }

  // The first reward of each column.
  static std::vector<float> FirstRewards(const BatchBuffer& batch, size_t columns) {
    std::vector<float> rewards = FromBytes<float>(batch.leaf(testing::kRewardLeaf));
    rewards.resize(columns);
    return rewards;
  }

  UnrollQueue queue_{100};
  uint64_t sequence_ = 0;
  int64_t batch_ = 0;
  std::atomic<int64_t> dropped_{0};
  std::unique_ptr<BatchAssembler> assembler_;
};

TEST_F(BatchAssemblerTest, TakesPartOfAMessage) {
  Start(3, 4);
  for (int i = 0; i < 3; ++i) Push(0, 100.0F * static_cast<float>(i));
  const BatchBuffer* batch = assembler_->Next(Soon());
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(FirstRewards(*batch, 3), (std::vector<float>{0, 10, 100}));
  batch = assembler_->Next(Soon());
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(FirstRewards(*batch, 3), (std::vector<float>{110, 200, 210}));
  EXPECT_EQ(assembler_->counters().batches, 2U);
  EXPECT_EQ(dropped_, 0);
}

// In lockstep a batch has as many as there were actors.
TEST_F(BatchAssemblerTest, ABatchHasTheSizeThatItsMessagesSay) {
  Start(4, 4);
  Push(0, 0);
  Push(0, 100);
  batch_ = 2;
  Push(0, 200);
  batch_ = 4;
  Push(0, 300);
  Push(0, 400);
  for (const std::vector<float>& rewards :
       {std::vector<float>{0, 10, 100, 110}, {200, 210}, {300, 310, 400, 410}}) {
    const BatchBuffer* batch = assembler_->Next(Soon());
    ASSERT_NE(batch, nullptr);
    EXPECT_EQ(batch->unrolls(), rewards.size());
    EXPECT_EQ(FirstRewards(*batch, rewards.size()), rewards);
  }
}

TEST_F(BatchAssemblerTest, EachBatchIsOneVersionOlderThanTheNext) {
  Start(2, 4, /*first_version=*/10);
  for (uint64_t i = 0; i < 4; ++i) Push(9, 0);
  for (uint64_t i = 0; i < 4; ++i) {
    const BatchBuffer* batch = assembler_->Next(Soon());
    ASSERT_NE(batch, nullptr);
    EXPECT_EQ(batch->version(), 10 + i);
    EXPECT_EQ(batch->lag_max(), 1 + i);
  }
}

TEST_F(BatchAssemblerTest, DropsWhatIsTooOldWhenItIsTrained) {
  Start(3, /*max_policy_lag=*/2, /*first_version=*/10);
  Push(7, 0);    // lag 3 at version 10: dropped
  Push(8, 100);  // lag 2: taken
  Push(8, 200);  // one column at version 10; the other would have lag 3 at version 11
  Push(9, 300);
  Push(11, 400);
  const BatchBuffer* batch = assembler_->Next(Soon());
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(FirstRewards(*batch, 3), (std::vector<float>{100, 110, 200}));
  EXPECT_EQ(batch->lag_max(), 2U);
  batch = assembler_->Next(Soon());
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(FirstRewards(*batch, 3), (std::vector<float>{300, 310, 400}));
  EXPECT_EQ(batch->lag_max(), 2U);
  EXPECT_EQ(dropped_, 3);
  EXPECT_EQ(assembler_->counters().dropped_unrolls, 3U);
}

TEST_F(BatchAssemblerTest, TheOldestStepCounts) {
  Start(2, 2, 10);
  auto unrolls = std::make_unique<Unrolls>(MakeUnrolls(1, 7));
  VersionRun* run = unrolls->add_versions();
  run->set_first_step(1);
  run->set_version(10);
  ASSERT_TRUE(queue_.TryPush({std::move(unrolls), batch_}));
  Push(10, 500);
  const BatchBuffer* batch = assembler_->Next(Soon());
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(FirstRewards(*batch, 2), (std::vector<float>{500, 510}));
  EXPECT_EQ(dropped_, 2);
}

TEST_F(BatchAssemblerTest, AtTheEndWholeBatchesOnly) {
  Start(3, 4);
  Push(0, 0);
  Push(0, 100);
  queue_.Close();
  EXPECT_NE(assembler_->Next(Soon()), nullptr);
  EXPECT_EQ(assembler_->Next(Soon()), nullptr);
  EXPECT_TRUE(assembler_->finished());
}

TEST_F(BatchAssemblerTest, NothingByTheDeadline) {
  Start(3, 4);
  EXPECT_EQ(assembler_->Next(std::chrono::steady_clock::now()), nullptr);
  EXPECT_FALSE(assembler_->finished());
}

// The learner's batch stays as it is while the next one fills.
TEST_F(BatchAssemblerTest, ABatchIsTheLearnersUntilItAsksForTheNext) {
  Start(2, 1000);
  for (int i = 0; i < 50; ++i) Push(0, 100.0F * static_cast<float>(i));
  for (int i = 0; i < 50; ++i) {
    const BatchBuffer* batch = assembler_->Next(Soon());
    ASSERT_NE(batch, nullptr);
    const float base = 100.0F * static_cast<float>(i);
    while (i < 40 && assembler_->counters().batches < static_cast<uint64_t>(i) + 2) {
    }  // until the assembler has filled the other
    EXPECT_EQ(FirstRewards(*batch, 2), (std::vector<float>{base, base + 10}));
  }
}

TEST_F(BatchAssemblerTest, SaysWhatItWaitsForAndHowLong) {
  Start(2, 1000);
  const auto waits = [this](double AssemblerCounters::*what) {
    while (assembler_->counters().*what < 0.02) {
    }
    const AssemblerCounters counters = assembler_->counters();
    return (counters.unrolls_wait_current > 0) + (counters.learner_wait_current > 0);
  };
  EXPECT_EQ(waits(&AssemblerCounters::unrolls_wait_current), 1);
  for (int i = 0; i < 10; ++i) Push(0, 0);
  EXPECT_EQ(waits(&AssemblerCounters::learner_wait_current), 1);
  EXPECT_GE(assembler_->counters().waiting_for_unrolls, 0.02);
  EXPECT_GE(assembler_->counters().waiting_for_learner, 0.02);
}

TEST_F(BatchAssemblerTest, EndsWhileTheLearnerHasNotTakenItsBatches) {
  Start(2, 4);
  for (int i = 0; i < 10; ++i) Push(0, 0);
  ASSERT_NE(assembler_->Next(Soon()), nullptr);
  assembler_.reset();
}

}  // namespace
}  // namespace drover
