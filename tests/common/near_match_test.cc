#include "common/near_match.h"

#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(NearMatchTest, CountsEdits) {
  EXPECT_EQ(EditDistance("", ""), 0U);
  EXPECT_EQ(EditDistance("", "abc"), 3U);
  EXPECT_EQ(EditDistance("abc", ""), 3U);
  EXPECT_EQ(EditDistance("kitten", "sitting"), 3U);
  EXPECT_EQ(EditDistance("flaw", "lawn"), 2U);
  EXPECT_EQ(EditDistance("impala", "ipmala"), 1U);  // neighbours swapped
  EXPECT_EQ(EditDistance("abcd", "badc"), 2U);
  EXPECT_EQ(EditDistance("ca", "abc"), 3U);  // the restricted distance
  EXPECT_EQ(EditDistance("PPO", "ppo"), 0U);
}

TEST(NearMatchTest, FindsTheNearest) {
  const std::vector<std::string> known = {"a2c", "a3c", "ddpg", "impala", "ppo", "ppo_kl", "sac"};
  EXPECT_EQ(NearMatch("imapla", known), "impala");
  EXPECT_EQ(NearMatch("PPO", known), "ppo");
  EXPECT_EQ(NearMatch("ppo_lk", known), "ppo_kl");
  EXPECT_EQ(NearMatch("a4c", known), "a2c");  // as near as a3c: the first
  EXPECT_EQ(NearMatch("cartpole", {"CartPole-v1", "Catch-v0"}), "CartPole-v1");
}

TEST(NearMatchTest, SuggestsNothingFarAway) {
  EXPECT_EQ(NearMatch("dreamer", {"a2c", "impala", "ppo"}), "");
  EXPECT_EQ(NearMatch("x", {"ppo"}), "");
  EXPECT_EQ(NearMatch("", {"ppo"}), "");
  EXPECT_EQ(NearMatch("ppo", {}), "");
}

TEST(NearMatchTest, WritesTheError) {
  EXPECT_EQ(UnknownName("algorithm", "imapla", {"impala", "ppo"}),
            "unknown algorithm \"imapla\"; did you mean \"impala\"? known: impala, ppo");
  EXPECT_EQ(UnknownName("algorithm", "dreamer", {"impala", "ppo"}),
            "unknown algorithm \"dreamer\"; known: impala, ppo");
}

}  // namespace
}  // namespace drover
