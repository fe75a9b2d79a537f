#include "bench/control_stub.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <thread>

#include "tests/support/coordinator_server.h"

namespace drover {
namespace {

using Seen = CoordinatorServer::Seen;

class ControlStubTest : public ::testing::Test {
 protected:
  ControlStubTest() {
    coordinator_.Serve();
    options_.coordinator = coordinator_.address();
    options_.first_actor = 7;
    options_.actors = 3;
    options_.learner = true;
  }

  CoordinatorServer coordinator_;
  ControlStubOptions options_;
};

TEST_F(ControlStubTest, EachMemberJoinsAndReports) {
  std::atomic<bool> stop{false};
  absl::Status status;
  std::thread stub([&] { status = RunControlStub(options_, [&] { return stop.load(); }); });
  const bool reported = coordinator_.WaitFor([](const Seen& seen) {
    int learners = 0;
    int actors = 0;
    for (const Report& report : seen.reports) {
      learners += report.learner().updates() > 0 ? 1 : 0;
      actors += report.actor().steps() > 0 ? 1 : 0;
    }
    return learners >= 1 && actors >= 3;
  });
  stop = true;
  stub.join();
  EXPECT_TRUE(reported);
  EXPECT_TRUE(status.ok()) << status;
  std::set<std::pair<Role::Kind, uint32_t>> joined;
  for (const RegisterRequest& request : coordinator_.seen().registrations) {
    joined.emplace(request.role(), request.index());
    EXPECT_EQ(request.endpoint().addresses_size(), request.role() == Role::learner ? 1 : 0);
  }
  const std::set<std::pair<Role::Kind, uint32_t>> expected = {
      {Role::learner, 0}, {Role::actor, 7}, {Role::actor, 8}, {Role::actor, 9}};
  EXPECT_EQ(joined, expected);
}

TEST_F(ControlStubTest, SaysWhyAMemberLostItsPlace) {
  coordinator_.RefuseRegistration(grpc::Status(grpc::StatusCode::FAILED_PRECONDITION, "it ended"));
  EXPECT_EQ(RunControlStub(options_, [] { return false; }).code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace drover
