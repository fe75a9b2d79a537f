#include "deploy/doctor/program.h"

#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(ProgramTest, TheFirstThatIsThere) {
  EXPECT_TRUE(HasProgram("sh"));
  EXPECT_FALSE(HasProgram("no-such-program"));
  EXPECT_EQ(FirstOf({{"no-such-program", "a"}, {"sh", "b"}, {"ls", "c"}}, "d"), "b");
  EXPECT_EQ(FirstOf({{"no-such-program", "a"}}, "d"), "d");
}

}  // namespace
}  // namespace drover
