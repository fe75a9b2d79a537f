#include "replay/sample_encoder.h"

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/proto_buffer_reader.h>
#include <gtest/gtest.h>

#include <memory>
#include <utility>

#include "common/rpc/wire.h"
#include "tests/replay/chunks.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using testing::kEnvironments;
using testing::kSteps;
using testing::MakeChunk;
using testing::MakeUnrolls;

// Two chunks of one writer and windows of two steps in them.
class SampleEncoderTest : public ::testing::Test {
 protected:
  SampleEncoderTest() : batch_(kSteps) {
    Unrolls first = MakeUnrolls(1, 7);
    testing::Truncate(&first, 2, 1, 55, 0);
    Unrolls second = MakeUnrolls(2, 8, /*base=*/100);
    first_ = MakeChunk(first, chunks_);
    second_ = MakeChunk(second, chunks_, first_.get());
    Add(second_.get(), 1, -1);
    Add(second_.get(), 0, 1);
    batch_.table_size = 9;
  }

  void Add(const Chunk* chunk, uint32_t environment, int32_t first_step) {
    const Window window(chunk, environment, first_step);
    window.Acquire(kSteps);
    batch_.windows.push_back(window);
    batch_.keys.push_back(batch_.keys.size() + 70);
    batch_.probabilities.push_back(0.25);
    batch_.priorities.push_back(3);
    batch_.times_sampled.push_back(2);
  }

  const UnrollLayout layout_ = UnrollLayout::Make(testing::TestSpec()).value();
  const ChunkLayout chunks_{layout_};
  const SampleEncoder encoder_{&layout_, 2};
  ChunkRef first_;
  ChunkRef second_;
  SampledBatch batch_;
};

TEST_F(SampleEncoderTest, WritesAMessageOfTheContract) {
  SampleBatch rest;
  rest.set_tag(42);
  grpc::ByteBuffer bytes = encoder_.Encode(batch_, rest);
  EXPECT_LE(bytes.Length(), encoder_.MaxBytes(2) + 100);
  SampleAnswer answer;
  ASSERT_TRUE(DecodeMessage(&bytes, &answer));
  const SampleBatch& head = answer.batch();
  EXPECT_EQ(head.tag(), 42U);
  ASSERT_EQ(head.keys_size(), 2);
  EXPECT_EQ(head.keys(1), 71U);
  EXPECT_EQ(head.probabilities(0), 0.25);
  EXPECT_EQ(head.priorities(0), 3);
  EXPECT_EQ(head.times_sampled(1), 2U);
  EXPECT_EQ(head.versions(0), 7U);
  EXPECT_EQ(head.versions(1), 8U);
  ASSERT_EQ(head.finals_size(), 1);
  EXPECT_EQ(head.finals(0).step(), 0U);
  EXPECT_EQ(head.finals(0).environment(), 0U);
  ASSERT_EQ(answer.columns_size(), 6);
  EXPECT_EQ(answer.columns(testing::kRewardLeaf), testing::ToBytes<float>({12, 101, 110, 102}));
  EXPECT_EQ(
      answer.columns(testing::kObservationLeaf),
      testing::ToBytes<float>({12, -12, 101, -101, 110, -110, 102, -102, 111, -111, 103, -103}));
  EXPECT_EQ(answer.columns(testing::kEndLeaf), (std::string{2, 0, 0, 0}));
  EXPECT_EQ(answer.columns(testing::kFinalLeaf), testing::ToBytes<float>({55, -55}));
}

}  // namespace
}  // namespace drover
