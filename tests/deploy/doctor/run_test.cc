#include "deploy/doctor/run.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/rpc/address.h"
#include "common/rpc/run_address.h"
#include "gtest/gtest.h"
#include "proto/weights.grpc.pb.h"
#include "tests/deploy/doctor/peers.h"

namespace drover {
namespace {

using Level = Finding::Level;

void AddMember(StatusReply* status, Role::Kind role, const Endpoint& endpoint, bool alive) {
  MemberStatus* const member = status->add_members();
  member->set_alive(alive);
  member->mutable_member()->set_role(role);
  member->mutable_member()->set_host("node7");
  *member->mutable_member()->mutable_endpoint() = endpoint;
}

TEST(RunTest, ItsCoordinatorAndAllThatServe) {
  const TempDirectory run_dir = *TempDirectory::Make();
  const Findings none = CheckRun(run_dir.path());
  ASSERT_EQ(none.size(), 1U);
  EXPECT_EQ(none[0].level, Level::kWrong);
  EXPECT_NE(none[0].mend.find("drover up"), std::string::npos) << none[0].mend;

  WeightsService::CallbackService weights;
  const auto learner = ServeAs("", &weights);
  Endpoint elsewhere;  // where it should not have listened on loopback
  elsewhere.set_host_id("another");
  elsewhere.add_addresses("127.0.0.1:7002");
  StatusReply status;
  AddMember(&status, Role::learner, LocalEndpoint(learner->addresses()), true);
  AddMember(&status, Role::replay, elsewhere, true);
  AddMember(&status, Role::replay, elsewhere, false);
  AddMember(&status, Role::actor, {}, true);
  ClockedCoordinator coordinator(absl::ZeroDuration(), status);
  const auto server = ServeAs("", &coordinator);
  ASSERT_TRUE(WriteFile(absl::StrCat(run_dir.path(), "/", kAddressFile),
                        LocalEndpoint(server->addresses()).DebugString())
                  .ok());

  const Findings findings = CheckRun(run_dir.path());
  ASSERT_EQ(findings.size(), 4U);
  EXPECT_EQ(findings[0].what, "coordinator at " + server->addresses()[0]);
  EXPECT_EQ(findings[1].what, "clock of coordinator");
  EXPECT_EQ(findings[2].what, "learner 0 at " + learner->addresses()[0]);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(findings[i].level, Level::kOk) << findings[i].found;
  EXPECT_EQ(findings[3].what, "replay 0 on node7");
  EXPECT_EQ(findings[3].level, Level::kWrong);
  EXPECT_EQ(findings[3].mend, "drover replay … --listen 0.0.0.0:0  # on node7");
}

}  // namespace
}  // namespace drover
