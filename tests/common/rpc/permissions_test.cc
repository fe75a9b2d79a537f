#include "common/rpc/permissions.h"

#include <google/protobuf/descriptor.h>

#include "gtest/gtest.h"
#include "proto/gradients.pb.h"
#include "proto/replay.pb.h"
#include "proto/trajectory.pb.h"
#include "proto/weights.pb.h"

namespace drover {
namespace {

std::string Callers(const std::string& method) {
  std::string callers;
  for (const std::string& role : CertificateRoles()) {
    if (MayCall(role, method)) callers += role + " ";
  }
  return callers;
}

// A call that is added to the protocol is nobody's until the table names it.
TEST(PermissionsTest, EveryCallHasACaller) {
  for (const google::protobuf::FileDescriptor* file :
       {StatusRequest::descriptor()->file(), PushRequest::descriptor()->file(),
        InfoRequest::descriptor()->file(), ActorMessage::descriptor()->file(),
        WeightsRequest::descriptor()->file()}) {
    ASSERT_EQ(file->service_count(), 1) << file->name();
    const google::protobuf::ServiceDescriptor* service = file->service(0);
    for (int i = 0; i < service->method_count(); ++i) {
      const std::string method = "/" + service->full_name() + "/" + service->method(i)->name();
      EXPECT_NE(Callers(method), "") << method;
    }
  }
}

TEST(PermissionsTest, NobodyMayMoreThanItMust) {
  EXPECT_EQ(Callers("/drover.Coordinator/Stop"), "admin ");
  EXPECT_EQ(Callers("/drover.Coordinator/Register"), "learner replay actor ");
  EXPECT_EQ(Callers("/drover.ReplayService/Insert"), "actor ");
  EXPECT_EQ(Callers("/drover.ReplayService/Sample"), "learner ");
  EXPECT_EQ(Callers("/drover.ReplayService/Info"), "viewer admin ");
  EXPECT_EQ(Callers("/drover.Coordinator/stop"), "");
  EXPECT_FALSE(MayCall("", "/drover.Coordinator/Status"));
}

TEST(PermissionsTest, AMemberIsOfItsCertificatesRole) {
  EXPECT_TRUE(MayBe("learner", Role::learner));
  EXPECT_TRUE(MayBe("replay", Role::replay));
  EXPECT_TRUE(MayBe("actor", Role::actor));
  EXPECT_TRUE(MayBe("actor", Role::evaluator));
  EXPECT_FALSE(MayBe("actor", Role::learner));
  EXPECT_FALSE(MayBe("admin", Role::actor));
  EXPECT_FALSE(MayBe("coordinator", Role::coordinator));
  EXPECT_FALSE(MayBe("", Role::unspecified));
}

}  // namespace
}  // namespace drover
