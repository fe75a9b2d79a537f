#include "deploy/slurm/slurm_queue.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(SlurmQueueTest, KnowsTheJobsOfTheRunByTheirNames) {
  const auto jobs = ParseSlurmQueue(
      "1|RUNNING|run-1.coordinator|N/A\n"
      "3_0|RUNNING|run-1.actor|0\n"
      "7_12|PENDING|run-1.actor|12\n"
      "9|RUNNING|another.actor|N/A\n"
      "8_1|COMPLETING|run-1.replay|1\n",
      "run-1");
  ASSERT_TRUE(jobs.ok()) << jobs.status();
  ASSERT_EQ(jobs->size(), 4u);
  EXPECT_EQ((*jobs)[0].place, (Place{Role::coordinator, 0}));
  EXPECT_EQ((*jobs)[1].place, (Place{Role::actor, 0}));
  EXPECT_EQ((*jobs)[2].place, (Place{Role::actor, 12}));
  EXPECT_EQ((*jobs)[2].id, "7_12");
  EXPECT_EQ((*jobs)[2].state, "PENDING");
  EXPECT_EQ((*jobs)[3].place, (Place{Role::replay, 1}));
  EXPECT_TRUE(ParseSlurmQueue("", "run-1")->empty());
  for (const char* wrong : {"1|RUNNING", "3|RUNNING|run-1.actor|N/A"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(ParseSlurmQueue(wrong, "run-1").status())) << wrong;
  }
}

}  // namespace
}  // namespace drover
