#include "replay/replay_checkpointer.h"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <thread>

#include "common/file.h"
#include "replay/checkpoint.h"
#include "tests/learner/unrolls.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

std::unique_ptr<Store> MakeStore() {
  return Store::Make({UnrollLayout::Make(testing::TestSpec()).value(),
                      {testing::SmallTable("table", SelectorConfig::uniform)},
                      1000,
                      0,
                      1})
      .value();
}

class ReplayCheckpointerTest : public ::testing::Test {
 protected:
  ReplayCheckpointer::Options Options() const {
    ReplayCheckpointer::Options options;
    options.store = store_.get();
    options.spec_hash = 7;
    options.root = directory_.path() + "/replay/0";
    options.keep = 1;
    options.every = std::chrono::hours(1);
    return options;
  }

  const TempDirectory directory_ = TempDirectory::Make().value();
  const std::unique_ptr<Store> store_ = MakeStore();
};

TEST_F(ReplayCheckpointerTest, WritesOneWhenAsked) {
  ReplayCheckpointer checkpointer(Options());
  const auto path = checkpointer.SaveNow();
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(checkpointer.status().newest, *path);
  const auto other = MakeStore();
  EXPECT_EQ(RestoreNewestStoreCheckpoint(Options().root, 7, other.get()).value(), *path);
}

TEST_F(ReplayCheckpointerTest, WritesByItself) {
  ReplayCheckpointer::Options options = Options();
  options.every = std::chrono::milliseconds(5);
  ReplayCheckpointer checkpointer(options);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (checkpointer.status().newest.empty()) {
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
}

TEST_F(ReplayCheckpointerTest, SaysWhyItCannotAndTriesAgain) {
  ASSERT_TRUE(WriteFile(directory_.path() + "/replay", "in the way").ok());
  ReplayCheckpointer checkpointer(Options());
  EXPECT_FALSE(checkpointer.SaveNow().ok());
  EXPECT_NE(checkpointer.status().error, "");
  ASSERT_TRUE(RemoveAll(directory_.path() + "/replay").ok());
  EXPECT_TRUE(checkpointer.SaveNow().ok());
  EXPECT_EQ(checkpointer.status().error, "");
}

TEST_F(ReplayCheckpointerTest, WhoWaitsHearsOfTheEnd) {
  for (int i = 0; i < 20; ++i) {
    int answers = 0;
    {
      ReplayCheckpointer checkpointer(Options());
      for (int j = 0; j < 3; ++j) {
        checkpointer.Save([&answers](const absl::StatusOr<std::string>&) { ++answers; });
      }
    }
    EXPECT_EQ(answers, 3);
  }
}

}  // namespace
}  // namespace drover
