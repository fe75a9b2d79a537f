#include "env/catch.h"

#include <algorithm>
#include <array>
#include <set>
#include <string>

#include "gtest/gtest.h"
#include "tests/env/recorded.h"

namespace drover {
namespace {

using Board = std::array<float, 50>;

std::string Cells(const Board& board) {
  std::string cells;
  for (const float cell : board) cells += cell == 1 ? '1' : cell == 0 ? '0' : '?';
  return cells;
}

void Replay(const nlohmann::json& episode) {
  Catch game;
  Random random({1});
  Board board{};
  game.Reset(random, board.data());
  const nlohmann::json& boards = episode.at("boards");
  game.set_ball_column(static_cast<int>(boards.at(0).get<std::string>().find('1')));

  for (size_t t = 0; t < episode.at("actions").size(); ++t) {
    SCOPED_TRACE(testing::Message() << "step " << t);
    Action action;
    action.discrete = episode.at("actions").at(t).get<int32_t>();
    const StepResult result = game.Step(action, board.data());
    ASSERT_EQ(Cells(board), boards.at(t + 1));
    ASSERT_EQ(result.reward, episode.at("rewards").at(t).get<float>());
    ASSERT_EQ(result.end == End::kTerminated, episode.at("last").at(t).get<bool>());
    ASSERT_NE(result.end, End::kTruncated);
  }
}

TEST(CatchTest, RepeatsBsuitesEpisodes) {
  const nlohmann::json recorded = ReadRecorded("catch_bsuite.json");
  std::set<float> returns;
  for (const nlohmann::json& episode : recorded.at("episodes")) {
    ASSERT_NO_FATAL_FAILURE(Replay(episode));
    returns.insert(episode.at("rewards").back().get<float>());
  }
  EXPECT_EQ(returns, (std::set<float>{-1, 1}));
}

TEST(CatchTest, StartsWithTheBallInAnyColumn) {
  Catch game;
  Random random({3});
  std::set<std::string> starts;
  for (int i = 0; i < 200; ++i) {
    Board board{};
    game.Reset(random, board.data());
    starts.insert(Cells(board));
  }
  const std::string between(40, '0');
  EXPECT_EQ(starts, (std::set<std::string>{"10000" + between + "00100", "01000" + between + "00100",
                                           "00100" + between + "00100", "00010" + between + "00100",
                                           "00001" + between + "00100"}));
}

TEST(CatchTest, Spec) {
  const Catch game;
  EXPECT_EQ(game.spec().id, "Catch-v0");
  ExpectSameSpace(game.spec().observation, Space::Box({10, 5}, 0, 1));
  ExpectSameSpace(game.spec().action, Space::Discrete(3));
  EXPECT_EQ(game.spec().max_episode_steps, 0);
}

}  // namespace
}  // namespace drover
