#include "common/archive.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <limits>

namespace drover {
namespace {

struct Thing {
  int row = 3;
  double speed = -0.1;
  uint64_t count = std::numeric_limits<uint64_t>::max();
  Random random{Random({1, 2})};

  void SaveOrRestore(Archive* archive) {
    archive->Value(&row, 0, 9);
    archive->Value(&speed);
    archive->Value(&count);
    archive->Value(&random);
  }
};

std::string Save(Thing thing) {
  Archive archive;
  thing.SaveOrRestore(&archive);
  return archive.bytes();
}

absl::Status Restore(const std::string& bytes, Thing* thing) {
  Archive archive(bytes);
  thing->SaveOrRestore(&archive);
  return archive.Finish();
}

TEST(Archive, RestoresWhatWasSaved) {
  Thing thing;
  thing.random.Next();
  Thing other{0, 0, 0, Random({9})};
  ASSERT_TRUE(Restore(Save(thing), &other).ok());
  EXPECT_EQ(other.row, 3);
  EXPECT_EQ(other.speed, -0.1);
  EXPECT_EQ(other.count, std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(other.random.Next(), thing.random.Next());
}

TEST(Archive, RefusesWhatWasNotSavedSo) {
  const std::string good = Save(Thing());
  Thing thing;
  for (size_t size = 0; size < good.size(); ++size) {
    EXPECT_TRUE(absl::IsInvalidArgument(Restore(good.substr(0, size), &thing))) << size;
  }
  EXPECT_FALSE(Restore(good + "x", &thing).ok());
  Thing bad;
  bad.row = 10;
  EXPECT_FALSE(Restore(Save(bad), &thing).ok());
  bad = Thing();
  bad.speed = std::nan("");
  EXPECT_FALSE(Restore(Save(bad), &thing).ok());
  bad.speed = std::numeric_limits<double>::infinity();
  EXPECT_FALSE(Restore(Save(bad), &thing).ok());
  bad = Thing();
  bad.random = Random(Random::State{7, 2});  // an even stride
  EXPECT_FALSE(Restore(Save(bad), &thing).ok());
  EXPECT_TRUE(Restore(good, &thing).ok());
}

}  // namespace
}  // namespace drover
