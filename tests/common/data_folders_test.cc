#include "common/data_folders.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

TEST(DataFoldersTest, ACheckoutComesBeforeWhatIsBuiltBeforeWhatIsInstalled) {
  EXPECT_THAT(DataFolders("/opt/drover/bin/drover", "deploy/kubernetes"),
              ::testing::ElementsAre("deploy/kubernetes",
                                     "/opt/drover/bin/drover.runfiles/drover/deploy/kubernetes",
                                     "/opt/drover/kubernetes"));
}

}  // namespace
}  // namespace drover
