#include "deploy/restart_policy.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const RestartPolicy::Time kStart = RestartPolicy::Time() + seconds(1000);

TEST(RestartPolicyTest, WaitsTwiceAsLongEachTimeAndGivesUpAtTheFifthDeath) {
  RestartPolicy policy;
  EXPECT_EQ(policy.Died(kStart), milliseconds(100));
  EXPECT_EQ(policy.Died(kStart + seconds(1)), milliseconds(200));
  EXPECT_EQ(policy.Died(kStart + seconds(2)), milliseconds(400));
  EXPECT_EQ(policy.Died(kStart + seconds(3)), milliseconds(800));
  EXPECT_EQ(policy.Died(kStart + milliseconds(59'999)), std::nullopt);
}

TEST(RestartPolicyTest, DeathsOfMoreThanAMinuteAgoDoNotCount) {
  RestartPolicy policy;
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(policy.Died(kStart + seconds(i)).has_value());
  EXPECT_EQ(policy.Died(kStart + seconds(60)), milliseconds(800));  // the first is forgotten
  EXPECT_EQ(policy.Died(kStart + seconds(300)), milliseconds(100));
}

}  // namespace
}  // namespace drover
