#include "common/batch_buffer.h"

#include <gtest/gtest.h>

#include "tests/learner/moments.h"

namespace drover {
namespace {

using testing::FromBytes;
using testing::kSteps;
using testing::MakeUnrolls;

constexpr size_t kBatch = 3;

class BatchBufferTest : public ::testing::Test {
 protected:
  const UnrollLayout layout_ = *UnrollLayout::Make(testing::TestSpec());
  BatchBuffer buffer_{&layout_};
};

// Reward of environment e at step t is base + 10 e + t.
TEST_F(BatchBufferTest, PutsColumnsSideBySideTimeMajor) {
  buffer_.Clear(4, kBatch);
  buffer_.Add(MakeUnrolls(1, 4, 100), 2, 0, 2);
  EXPECT_EQ(buffer_.room(), 1U);
  buffer_.Add(MakeUnrolls(2, 4, 200), 2, 1, 1);
  EXPECT_EQ(buffer_.room(), 0U);
  EXPECT_EQ(FromBytes<float>(buffer_.leaf(testing::kRewardLeaf)),
            (std::vector<float>{100, 110, 210, 101, 111, 211, 102, 112, 212}));
  EXPECT_EQ(FromBytes<int32_t>(buffer_.leaf(testing::kActionLeaf)),
            (std::vector<int32_t>{0, 1, 1, 1, 2, 2, 2, 0, 0}));
  EXPECT_EQ(FromBytes<float>(buffer_.leaf(testing::kObservationLeaf)),
            (std::vector<float>{100, -100, 110, -110, 210, -210, 101, -101, 111, -111, 211, -211,
                                102, -102, 112, -112, 212, -212, 103, -103, 113, -113, 213, -213}));
  EXPECT_TRUE(buffer_.final_positions().empty());
  EXPECT_TRUE(buffer_.leaf(testing::kFinalLeaf).empty());
}

TEST_F(BatchBufferTest, MovesFinalsWithTheirColumn) {
  Unrolls first = MakeUnrolls(1, 4);
  testing::Truncate(&first, 0, 1, 7, 1);
  testing::Truncate(&first, 2, 0, 8, 1);
  Unrolls second = MakeUnrolls(2, 4);
  testing::Truncate(&second, 1, 0, 9, 1);
  testing::Truncate(&second, 1, 1, 10, 1);
  buffer_.Clear(4, kBatch);
  buffer_.Add(first, 2, 0, 2);
  buffer_.Add(second, 2, 1, 1);
  EXPECT_EQ(buffer_.final_positions(), (std::vector<int64_t>{0 * 3 + 1, 2 * 3 + 0, 1 * 3 + 2}));
  EXPECT_EQ(FromBytes<float>(buffer_.leaf(testing::kFinalLeaf)),
            (std::vector<float>{7, -7, 8, -8, 10, -10}));
  const auto ends = FromBytes<uint8_t>(buffer_.leaf(testing::kEndLeaf));
  EXPECT_EQ(ends, (std::vector<uint8_t>{0, 2, 0, 0, 0, 2, 2, 0, 0}));

  buffer_.Clear(5, kBatch);
  EXPECT_TRUE(buffer_.final_positions().empty());
  EXPECT_TRUE(buffer_.leaf(testing::kFinalLeaf).empty());
  EXPECT_EQ(buffer_.room(), kBatch);
}

// Of a message that two batches share the first has all of them.
TEST_F(BatchBufferTest, KeepsWhatEachMessageSawOnce) {
  const Unrolls first = testing::WithMoments(MakeUnrolls(1, 4), 10);
  const Unrolls second = testing::WithMoments(MakeUnrolls(2, 4), 20);
  buffer_.Clear(4, kBatch);
  buffer_.Add(first, 2, 0, 2);
  buffer_.Add(second, 2, 0, 1);
  ASSERT_EQ(buffer_.seen().size(), 2U);
  EXPECT_EQ(buffer_.seen()[0].observations.mean(0), 10);
  EXPECT_EQ(buffer_.seen()[1].returns.mean(0), -20);
  buffer_.Clear(5, kBatch);
  buffer_.Add(second, 2, 1, 1);
  EXPECT_TRUE(buffer_.seen().empty());
  buffer_.Add(MakeUnrolls(3, 4), 2, 0, 2);
  EXPECT_TRUE(buffer_.seen().empty());
}

TEST_F(BatchBufferTest, MeasuresLagByStep) {
  Unrolls unrolls = MakeUnrolls(1, 2);
  VersionRun* run = unrolls.add_versions();
  run->set_first_step(2);
  run->set_version(5);
  buffer_.Clear(6, kBatch);
  buffer_.Add(unrolls, 2, 0, 2);            // lag 4 at two steps, 1 at one
  buffer_.Add(MakeUnrolls(2, 6), 2, 0, 1);  // lag 0
  EXPECT_EQ(buffer_.lag_sum(), 2U * (4 + 4 + 1));
  EXPECT_EQ(buffer_.lag_max(), 4U);
  buffer_.Clear(7, kBatch);
  EXPECT_EQ(buffer_.lag_sum(), 0U);
  EXPECT_EQ(buffer_.lag_max(), 0U);
}

}  // namespace
}  // namespace drover
