#include "common/open_files.h"

#include <fcntl.h>
#include <sys/resource.h>

#include <vector>

#include "common/unique_fd.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(OpenFilesTest, AsManyAsTheSystemAllows) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  constexpr rlim_t kFew = 32;
  const rlimit low{kFew, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  EXPECT_EQ(RaiseOpenFiles(), limit.rlim_max);
  std::vector<UniqueFd> open_files;
  for (rlim_t i = 0; i < 2 * kFew; ++i) {
    open_files.emplace_back(open("/dev/null", O_RDONLY | O_CLOEXEC));
    ASSERT_TRUE(open_files.back().valid()) << i;
  }
  EXPECT_EQ(RaiseOpenFiles(), limit.rlim_max);  // again: nothing to do
}

}  // namespace
}  // namespace drover
