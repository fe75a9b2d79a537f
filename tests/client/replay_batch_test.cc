#include "client/replay_batch.h"

#include <google/protobuf/io/coded_stream.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "tests/learner/unrolls.h"

namespace drover {
namespace {

using testing::TestSpec;
using testing::ToBytes;

// The answer for one item of one step, whose numbers are all `value`; with `truncated`, its episode
// was cut off.
struct Answer {
  SampleBatch head;
  SampleAnswer columns;

  explicit Answer(float value, bool truncated = false) {
    head.add_keys(static_cast<uint64_t>(value));
    head.add_probabilities(0.5);
    head.add_priorities(value);
    head.add_times_sampled(1);
    head.add_versions(2);
    if (truncated) head.add_finals();
    columns.add_columns(ToBytes<float>({value, value, value, value}));
    columns.add_columns(ToBytes<int32_t>({1}));
    columns.add_columns(ToBytes<float>({value}));
    columns.add_columns(ToBytes<float>({value}));
    columns.add_columns(std::string(1, truncated ? '\2' : '\0'));
    columns.add_columns(truncated ? ToBytes<float>({value, -value}) : "");
  }
};

class ReplayBatchTest : public ::testing::Test {
 protected:
  absl::Status Add(const ReplayBatchBuilder::Part& part, const Answer& answer) {
    const std::string bytes = answer.columns.SerializeAsString();
    google::protobuf::io::CodedInputStream in(reinterpret_cast<const uint8_t*>(bytes.data()),
                                              static_cast<int>(bytes.size()));
    return builder_.Add(part, answer.head, &in);
  }

  const UnrollLayout layout_ = UnrollLayout::Make(TestSpec()).value();
  ReplayBatchBuilder builder_{&layout_, 1, 2};
};

TEST_F(ReplayBatchTest, PutsPartsSideBySide) {
  ReplayBatch batch;
  for (int round = 0; round < 2; ++round) {
    ASSERT_TRUE(Add({1, 1, 0.25}, Answer(7, true)).ok());
    ASSERT_TRUE(Add({0, 1, 0.75}, Answer(5, true)).ok());
    builder_.Finish(&batch);
    EXPECT_EQ(testing::FromBytes<float>(batch.columns[testing::kObservationLeaf]),
              (std::vector<float>{5, 5, 7, 7, 5, 5, 7, 7}));
    EXPECT_EQ(testing::FromBytes<float>(batch.columns[testing::kRewardLeaf]),
              (std::vector<float>{5, 7}));
    EXPECT_EQ(testing::FromBytes<float>(batch.columns[testing::kFinalLeaf]),
              (std::vector<float>{5, -5, 7, -7}));
    EXPECT_EQ(batch.finals, (std::vector<std::pair<uint32_t, uint32_t>>{{0, 0}, {0, 1}}));
    EXPECT_EQ(batch.keys, (std::vector<uint64_t>{5, 7}));
    EXPECT_EQ(batch.probabilities, (std::vector<double>{0.375, 0.125}));
    EXPECT_EQ(batch.priorities, (std::vector<float>{5, 7}));
  }
  // Nothing of before is left.
  ASSERT_TRUE(Add({0, 1, 1}, Answer(1)).ok());
  ASSERT_TRUE(Add({1, 1, 1}, Answer(2)).ok());
  builder_.Finish(&batch);
  EXPECT_TRUE(batch.finals.empty());
  EXPECT_TRUE(batch.columns[testing::kFinalLeaf].empty());
}

TEST_F(ReplayBatchTest, RefusesWhatIsNoAnswer) {
  const std::function<void(Answer*)> changes[] = {
      [](Answer* a) { a->head.add_keys(1); },
      [](Answer* a) { a->head.clear_probabilities(); },
      [](Answer* a) { a->head.clear_priorities(); },
      [](Answer* a) { a->head.clear_times_sampled(); },
      [](Answer* a) { a->head.clear_versions(); },
      [](Answer* a) { a->head.mutable_finals(0)->set_step(1); },
      [](Answer* a) { a->head.mutable_finals(0)->set_environment(1); },
      [](Answer* a) { a->head.clear_finals(); },
      [](Answer* a) { a->columns.mutable_columns()->RemoveLast(); },
      [](Answer* a) { a->columns.add_columns("x"); },
      [](Answer* a) { a->columns.mutable_columns(0)->pop_back(); },
      [](Answer* a) { a->columns.mutable_columns(5)->push_back('x'); },
      [](Answer* a) { a->columns.clear_columns(); },
  };
  for (size_t i = 0; i < std::size(changes); ++i) {
    SCOPED_TRACE(i);
    Answer answer(7, true);
    changes[i](&answer);
    EXPECT_TRUE(absl::IsInvalidArgument(Add({0, 1, 1}, answer)));
  }
  // It may come anew.
  ReplayBatch batch;
  ASSERT_TRUE(Add({0, 1, 1}, Answer(7)).ok());
  ASSERT_TRUE(Add({1, 1, 1}, Answer(8)).ok());
  builder_.Finish(&batch);
  EXPECT_TRUE(batch.finals.empty());
  EXPECT_EQ(batch.keys[0], 7U);
}

}  // namespace
}  // namespace drover
