#include "client/member_http.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include "absl/strings/match.h"

namespace drover {
namespace {

TEST(MemberHttpTest, ShowsTheNewestReport) {
  uint64_t frames = 0;
  HttpOptions options;
  options.address = "127.0.0.1:0";
  const auto server = ServeMetrics(options, Role::learner, 0, [&] {
    Report report;
    report.mutable_learner()->set_frames(++frames);
    return report;
  });
  ASSERT_TRUE(server.ok()) << server.status();
  httplib::Client client((*server)->url());
  for (const char* line : {"drover_learner_frames_total{role=\"learner\",index=\"0\"} 1\n",
                           "drover_learner_frames_total{role=\"learner\",index=\"0\"} 2\n"}) {
    const std::string text = client.Get("/metrics")->body;
    EXPECT_TRUE(absl::StrContains(text, line)) << text;
    EXPECT_TRUE(absl::StrContains(text, "drover_process_cpu_seconds_total{")) << text;
  }
  EXPECT_EQ(client.Get("/health")->body, "ok\n");
}

TEST(MemberHttpTest, NowhereWithoutAnAddressAndNotOpenToAll) {
  const auto none = ServeMetrics({}, Role::replay, 0, [] { return Report(); });
  ASSERT_TRUE(none.ok());
  EXPECT_EQ(*none, nullptr);
  HttpOptions open;
  open.address = "0.0.0.0:0";
  EXPECT_TRUE(absl::IsInvalidArgument(
      ServeMetrics(open, Role::replay, 0, [] { return Report(); }).status()));
}

}  // namespace
}  // namespace drover
