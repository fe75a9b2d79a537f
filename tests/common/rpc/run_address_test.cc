#include "common/rpc/run_address.h"

#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "common/file.h"
#include "common/rpc/address.h"

namespace drover {
namespace {

TEST(RunAddressTest, AnAddressIsItself) {
  EXPECT_EQ(*FindCoordinator("host:1"), "host:1");
  EXPECT_TRUE(CheckCoordinatorAddress("host:1").ok());
  EXPECT_FALSE(CheckCoordinatorAddress("host").ok());
}

TEST(RunAddressTest, ARunDirectorySaysWhereItsCoordinatorIsNow) {
  const TempDirectory directory = *TempDirectory::Make();
  const std::string run = "run:" + directory.path();
  EXPECT_TRUE(CheckCoordinatorAddress(run).ok());
  EXPECT_FALSE(CheckCoordinatorAddress("run:").ok());
  EXPECT_TRUE(absl::IsUnavailable(FindCoordinator(run).status()));
  for (const char* address : {"127.0.0.1:7000", "127.0.0.1:7001"}) {
    std::string text;
    google::protobuf::TextFormat::PrintToString(LocalEndpoint({address}), &text);
    ASSERT_TRUE(WriteFile(directory.path() + "/" + kAddressFile, text).ok());
    EXPECT_EQ(*FindCoordinator(run), address);
  }
  ASSERT_TRUE(WriteFile(directory.path() + "/" + kAddressFile, "no endpoint").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(FindCoordinator(run).status()));
}

}  // namespace
}  // namespace drover
