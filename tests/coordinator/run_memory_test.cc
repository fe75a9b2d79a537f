#include "coordinator/run_memory.h"

#include <gtest/gtest.h>

#include "common/clock.h"
#include "common/file.h"

namespace drover {
namespace {

class RunMemoryTest : public ::testing::Test {
 protected:
  TempDirectory directory_ = *TempDirectory::Make();
};

TEST_F(RunMemoryTest, IsReadAsItWasWritten) {
  EXPECT_TRUE(absl::IsNotFound(ReadRunMemory(directory_.path()).status()));
  RunMemory memory;
  memory.set_run_id("run");
  memory.set_next_epoch(uint64_t{1} << 60);
  memory.add_members()->mutable_member()->set_index(3);
  ASSERT_TRUE(WriteRunMemory(directory_.path(), memory).ok());
  const auto read = ReadRunMemory(directory_.path());
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->SerializeAsString(), memory.SerializeAsString());
}

TEST_F(RunMemoryTest, ALaunchHasAnIdOfItsOwnAndNumbersThatGoOn) {
  const uint64_t now = UnixMicros();
  const auto first = BeginLaunch(directory_.path(), "catch");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->run_id().find("catch-"), 0u);
  EXPECT_GE(first->next_epoch(), now);  // also above those of a memory that was lost
  EXPECT_EQ(first->state(), RunState::unspecified);

  RunMemory memory = *first;
  memory.set_next_epoch(first->next_epoch() * 2);  // the clock went back
  memory.set_table_version(77);
  memory.set_state(RunState::draining);
  memory.set_finished(true);
  memory.add_members()->set_alive(true);
  ASSERT_TRUE(WriteRunMemory(directory_.path(), memory).ok());
  const auto second = BeginLaunch(directory_.path(), "catch");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->SerializeAsString(), ReadRunMemory(directory_.path())->SerializeAsString());
  EXPECT_NE(second->run_id(), first->run_id());
  EXPECT_EQ(second->next_epoch(), memory.next_epoch());
  EXPECT_EQ(second->table_version(), 77u);
  EXPECT_EQ(second->state(), RunState::unspecified);
  EXPECT_FALSE(second->finished());
  EXPECT_EQ(second->members_size(), 0);
}

TEST_F(RunMemoryTest, ADamagedOneIsNamed) {
  for (const char* text : {"run_id: 7", "", "next_epoch: 5"}) {
    ASSERT_TRUE(WriteFile(directory_.path() + "/" + kMemoryFile, text).ok());
    const absl::Status status = ReadRunMemory(directory_.path()).status();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_NE(status.message().find(kMemoryFile), std::string::npos) << status;
    EXPECT_TRUE(absl::IsDataLoss(BeginLaunch(directory_.path(), "catch").status()));
  }
}

}  // namespace
}  // namespace drover
