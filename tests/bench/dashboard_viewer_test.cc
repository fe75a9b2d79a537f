#include "bench/dashboard_viewer.h"

#include <gtest/gtest.h>

#include <memory>

#include "common/rpc/http_server.h"
#include "tests/support/eventually.h"

namespace drover {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;

TEST(DashboardViewerTest, CountsUpdatesAndNoticesThatNoneCome) {
  HttpOptions options;
  options.address = "127.0.0.1:0";
  auto server = HttpServer::Make(options);
  ASSERT_TRUE(server.ok()) << server.status();
  (*server)->Events(
      "/events", [] { return std::string("{}"); }, milliseconds(20));
  (*server)->Start();
  const DashboardViewer viewer((*server)->url());
  EXPECT_TRUE(Eventually([&] { return viewer.Now().updates >= 5; }));
  const DashboardViewer::Seen seen = viewer.Now();
  EXPECT_EQ(seen.bytes, seen.updates * sizeof("data: {}\n"));  // and a newline for the 0

  server->reset();
  const uint64_t updates = viewer.Now().updates;
  EXPECT_TRUE(Eventually([&] { return viewer.Now().longest_gap > 0.5; }));
  EXPECT_EQ(viewer.Now().updates, updates);
}

}  // namespace
}  // namespace drover
