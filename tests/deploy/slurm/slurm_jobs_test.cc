#include "deploy/slurm/slurm_jobs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr Place kCoordinator{Role::coordinator, 0};
constexpr Place kActor{Role::actor, 3};

const SlurmJob kServes{kCoordinator, "7", "RUNNING"};
const SlurmJob kActs{kActor, "8_3", "RUNNING"};

TEST(SlurmJobsTest, WhoIsGoneUntoldIsLost) {
  SlurmJobs jobs;
  jobs.Look({kServes});
  EXPECT_TRUE(jobs.Runs(kCoordinator));
  EXPECT_FALSE(jobs.Has(kActor));
  jobs.Submitted({kActor});
  EXPECT_TRUE(jobs.Has(kActor));
  EXPECT_FALSE(jobs.Runs(kActor));
  jobs.Look({kServes, kActs});
  EXPECT_THAT(jobs.lost(), IsEmpty());
  EXPECT_TRUE(jobs.Settled());
  jobs.Look({kServes});
  EXPECT_THAT(jobs.lost(), ElementsAre(kActor));
  jobs.Look({kServes});
  EXPECT_THAT(jobs.lost(), IsEmpty()) << "told once";
  // Also one that no look has seen.
  jobs.Submitted({kActor});
  jobs.Look({kServes});
  EXPECT_THAT(jobs.lost(), ElementsAre(kActor));
}

TEST(SlurmJobsTest, WhoWasToldToEndIsNotLost) {
  SlurmJobs jobs;
  jobs.Look({kServes, kActs});
  EXPECT_THAT(jobs.Ids({kActor}), ElementsAre("8_3"));
  jobs.Ending({kActor});
  EXPECT_FALSE(jobs.Settled());
  jobs.Look({kServes, kActs});
  EXPECT_TRUE(jobs.Placed()[1].ending);
  jobs.Look({kServes});
  EXPECT_THAT(jobs.lost(), IsEmpty());
  EXPECT_TRUE(jobs.Settled());
  // The next in that place is another's business.
  jobs.Look({kServes, kActs});
  EXPECT_FALSE(jobs.Placed()[1].ending);
  jobs.Look({kServes});
  EXPECT_THAT(jobs.lost(), ElementsAre(kActor));
}

TEST(SlurmJobsTest, WhoIsRequeuedOrCompletesIsStillThere) {
  SlurmJobs jobs;
  jobs.Look({kServes, kActs});
  jobs.Look({kServes, {kActor, "8_3", "COMPLETING"}});
  EXPECT_THAT(jobs.lost(), IsEmpty());
  EXPECT_TRUE(jobs.Placed()[1].ending);
  jobs.Look({kServes, {kActor, "8_3", "PENDING"}});
  EXPECT_THAT(jobs.lost(), IsEmpty());
  EXPECT_FALSE(jobs.Placed()[1].ending);
  EXPECT_FALSE(jobs.Runs(kActor));
  EXPECT_FALSE(jobs.Settled());
}

TEST(SlurmJobsTest, WhoDiesIsHeldBackUntilItIsTooOften) {
  SlurmJobs jobs;
  const SlurmJobs::Time start;
  jobs.Look({kServes});
  EXPECT_TRUE(jobs.Died(kActor, start));
  EXPECT_TRUE(jobs.HeldBack(kActor, start));
  EXPECT_FALSE(jobs.Settled());
  EXPECT_FALSE(jobs.HeldBack(kActor, start + RestartPolicy::kFirstWait));
  EXPECT_FALSE(jobs.HeldBack(kCoordinator, start));
  jobs.Look({kServes, kActs});
  EXPECT_FALSE(jobs.HeldBack(kActor, start));
  EXPECT_TRUE(jobs.Settled());
  for (int i = 2; i < RestartPolicy::kMaxDeaths; ++i) EXPECT_TRUE(jobs.Died(kActor, start)) << i;
  EXPECT_FALSE(jobs.Died(kActor, start + milliseconds(1)));
}

}  // namespace
}  // namespace drover
