#include "env/registry.h"

#include <algorithm>

#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(RegistryTest, ListsIdsInOrderAndMakesEach) {
  const std::vector<std::string> ids = ListEnvironments();
  EXPECT_TRUE(std::is_sorted(ids.begin(), ids.end()));
  EXPECT_NE(std::find(ids.begin(), ids.end(), "CartPole-v1"), ids.end());
  EXPECT_NE(std::find(ids.begin(), ids.end(), "Catch-v0"), ids.end());
  for (const std::string& id : ids) {
    const auto environment = MakeEnvironment(id);
    ASSERT_TRUE(environment.ok()) << environment.status();
    EXPECT_EQ((*environment)->spec().id, id);
  }
}

TEST(RegistryTest, AnUnknownIdIsExplained) {
  const absl::Status status = MakeEnvironment("CartPole-v2").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  const std::string message(status.message());
  EXPECT_EQ(message.rfind("unknown environment \"CartPole-v2\"; did you mean \"CartPole-v1\"? "
                          "known: Acrobot-v1, CartPole-v1, Catch-v0",
                          0),
            0U)
      << message;
  EXPECT_EQ(MakeVectorEnvironment("CartPole-v2", 2, {}).status(), status);
}

TEST(RegistryTest, OptionsAreForThoseThatHaveThem) {
  EnvironmentOptions options;
  options.set_length(4);
  const auto maze = MakeVectorEnvironment("TMaze-v0", 2, {}, options);
  ASSERT_TRUE(maze.ok()) << maze.status();
  EXPECT_EQ((*maze)->spec().max_episode_steps, 12);
  EXPECT_EQ((*MakeEnvironment("TMaze-v0"))->spec().max_episode_steps, 30);
  const absl::Status refused = MakeVectorEnvironment("CartPole-v1", 2, {}, options).status();
  EXPECT_EQ(refused,
            absl::InvalidArgumentError("environment \"CartPole-v1\" has no length to choose"));
}

TEST(RegistryTest, MakesCopiesWithTheirKey) {
  const auto one = MakeVectorEnvironment("CartPole-v1", 2, {1, 2, 3});
  const auto same = MakeVectorEnvironment("CartPole-v1", 2, {1, 2, 3});
  const auto other = MakeVectorEnvironment("CartPole-v1", 2, {1, 2, 4});
  ASSERT_TRUE(one.ok() && same.ok() && other.ok());
  EXPECT_EQ((*one)->size(), 2);
  std::vector<float> first(8);
  std::vector<float> second(8);
  (*one)->Reset(first.data());
  (*same)->Reset(second.data());
  EXPECT_EQ(first, second);
  (*other)->Reset(second.data());
  EXPECT_NE(first, second);
}

}  // namespace
}  // namespace drover
