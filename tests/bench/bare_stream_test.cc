#include "bench/bare_stream.h"

#include <gtest/gtest.h>

#include "common/file.h"

namespace drover {
namespace {

TEST(BareStreamTest, MeasuresARate) {
  const TempDirectory directory = *TempDirectory::Make();
  const std::string address = "unix:" + directory.path() + "/bare.sock";
  const auto server = BareStreamServer::Start(address);
  ASSERT_TRUE(server.ok()) << server.status();
  for (int i = 0; i < 2; ++i) {  // one after the other
    const auto rate = MeasureBareStream(address, 0.05);
    ASSERT_TRUE(rate.ok()) << rate.status();
    EXPECT_GT(*rate, 0);
  }
}

TEST(BareStreamTest, WithoutAServerThereIsNone) {
  EXPECT_TRUE(absl::IsUnavailable(MeasureBareStream("unix:/nowhere/bare.sock", 0.05).status()));
}

}  // namespace
}  // namespace drover
