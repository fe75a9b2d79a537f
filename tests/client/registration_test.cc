#include "client/registration.h"

#include <unistd.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>

#include "common/file.h"
#include "common/rpc/address.h"
#include "common/rpc/run_address.h"
#include "gtest/gtest.h"
#include "tests/support/coordinator_server.h"

namespace drover {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using Seen = CoordinatorServer::Seen;

class RegistrationTest : public ::testing::Test {
 protected:
  RegistrationTest() : registration_({coordinator_.address(), Role::actor, 2, Endpoint()}) {}

  absl::Status Register() { return registration_.Register(minutes(1), nullptr); }

  // Registers with a coordinator that goes away, and does `change` before it comes back.
  std::thread RestartLater(const std::function<void()>& change) {
    coordinator_.Serve();
    EXPECT_TRUE(Register().ok());
    coordinator_.Kill();
    return std::thread([this, change] {
      std::this_thread::sleep_for(milliseconds(300));
      change();
      coordinator_.Serve();
    });
  }

  CoordinatorServer coordinator_;
  Registration registration_;
};

TEST_F(RegistrationTest, GetsAPlace) {
  coordinator_.Serve();
  ASSERT_TRUE(Register().ok());
  EXPECT_EQ(registration_.identity().run_id, "run");
  EXPECT_EQ(registration_.identity().member_id, registration_.run().member_id());
  EXPECT_EQ(registration_.identity().epoch, 1U);
  const Seen seen = coordinator_.seen();
  ASSERT_EQ(seen.registrations.size(), 1U);
  EXPECT_EQ(seen.registrations[0].role(), Role::actor);
  EXPECT_EQ(seen.registrations[0].index(), 2U);
  EXPECT_EQ(seen.registrations[0].pid(), getpid());
}

TEST_F(RegistrationTest, KeepsTheIndexThatItIsGiven) {
  Registration::Options options{coordinator_.address(), Role::actor, 2, Endpoint()};
  options.any_index = true;
  Registration registration(options);
  coordinator_.Serve();
  coordinator_.SetIndex(5);
  ASSERT_TRUE(registration.Register(minutes(1), nullptr).ok());
  ASSERT_TRUE(registration.RegisterAgain().ok());
  const Seen seen = coordinator_.seen();
  EXPECT_TRUE(seen.registrations[0].any_index());
  EXPECT_FALSE(seen.registrations[1].any_index());
  EXPECT_EQ(seen.registrations[0].previous_epoch(), 0U);
  EXPECT_EQ(seen.registrations[1].previous_epoch(), 1U);
  EXPECT_EQ(seen.registrations[1].index(), 5U);
  EXPECT_NE(seen.registrations[1].host(), "");
}

TEST_F(RegistrationTest, WaitsForACoordinatorThatIsNotThereYet) {
  std::thread late([this] {
    std::this_thread::sleep_for(milliseconds(300));
    coordinator_.Serve();
  });
  EXPECT_TRUE(Register().ok());
  late.join();
}

TEST_F(RegistrationTest, FollowsACoordinatorThatMoves) {
  const TempDirectory run_dir = *TempDirectory::Make();
  const auto serves_at = [&run_dir](const CoordinatorServer& coordinator) {
    const std::string endpoint =
        "addresses: \"" + coordinator.address() + "\" host_id: \"" + HostId() + "\"";
    EXPECT_TRUE(WriteFile(run_dir.path() + "/" + kAddressFile, endpoint).ok());
  };
  Registration registration({"run:" + run_dir.path(), Role::actor, 2, Endpoint()});
  std::thread late([&] {  // it may be queued for a while
    std::this_thread::sleep_for(milliseconds(300));
    coordinator_.Serve();
    serves_at(coordinator_);
  });
  EXPECT_TRUE(registration.Register(minutes(1), nullptr).ok());
  late.join();
  coordinator_.Kill();
  CoordinatorServer other;
  other.Serve();
  serves_at(other);
  EXPECT_TRUE(Unreachable(registration.Renew(Report())));
  EXPECT_TRUE(registration.RegisterAgain().ok());
  EXPECT_EQ(other.seen().registrations.size(), 1U);
}

TEST_F(RegistrationTest, GivesUpWhenToldOrInTime) {
  EXPECT_TRUE(absl::IsUnavailable(registration_.Register(milliseconds(200), nullptr)));
  EXPECT_TRUE(absl::IsCancelled(registration_.Register(minutes(10), [] { return true; })));
}

TEST_F(RegistrationTest, SaysWhyItIsRefused) {
  coordinator_.Serve();
  coordinator_.RefuseRegistration({grpc::StatusCode::INVALID_ARGUMENT, "index 9 of 4 actors"});
  const absl::Status status = Register();
  EXPECT_TRUE(absl::IsInvalidArgument(status));
  EXPECT_NE(status.message().find("index 9 of 4 actors"), std::string::npos) << status;
}

TEST_F(RegistrationTest, WaitsForAPlaceToBecomeFree) {
  coordinator_.Serve();
  coordinator_.RefuseRegistration({grpc::StatusCode::ALREADY_EXISTS, "taken"});
  std::thread late([this] {
    coordinator_.WaitFor([](const Seen& seen) { return seen.registrations.size() >= 2; });
    coordinator_.RefuseRegistration(grpc::Status::OK);
  });
  EXPECT_TRUE(Register().ok());
  late.join();
}

TEST_F(RegistrationTest, WaitsForAPlaceNoLongerThanTheLeaseAllows) {
  coordinator_.Serve();
  coordinator_.RefuseRegistration({grpc::StatusCode::ALREADY_EXISTS, "taken"});
  coordinator_.TellLease(milliseconds(1));  // shorter than tries are apart
  EXPECT_TRUE(absl::IsAlreadyExists(Register()));
  EXPECT_EQ(coordinator_.seen().registrations.size(), 1U);
}

TEST_F(RegistrationTest, DoesNotWaitForARunThatHasEnded) {
  coordinator_.Serve();
  coordinator_.RefuseRegistration({grpc::StatusCode::FAILED_PRECONDITION, "the run has ended"});
  EXPECT_TRUE(absl::IsFailedPrecondition(Register()));
  coordinator_.WaitFor([](const Seen& seen) { return seen.registrations.size() == 1; });
}

TEST_F(RegistrationTest, RefusesAnotherProtocol) {
  coordinator_.Serve();
  coordinator_.SetProtocolVersion(999);
  EXPECT_TRUE(absl::IsUnimplemented(Register()));
}

TEST_F(RegistrationTest, TellsFencedFromUnreachable) {
  coordinator_.Serve();
  ASSERT_TRUE(Register().ok());
  EXPECT_TRUE(registration_.Renew(Report()).ok());
  coordinator_.Fence();
  EXPECT_TRUE(Fenced(registration_.Renew(Report())));
  ASSERT_TRUE(registration_.RegisterAgain().ok());
  EXPECT_EQ(registration_.identity().epoch, 2U);
  EXPECT_EQ(registration_.run().epoch(), 1U);
  EXPECT_TRUE(registration_.Renew(Report()).ok());
  coordinator_.Kill();
  EXPECT_TRUE(Unreachable(registration_.Renew(Report())));
}

TEST_F(RegistrationTest, LeavesOnceTheCoordinatorIsBack) {
  // Its lease ran out meanwhile.
  std::thread late = RestartLater([this] { coordinator_.Fence(); });
  Report last;
  last.mutable_actor()->set_steps(99);
  EXPECT_TRUE(registration_.Leave(last, minutes(1)).ok());
  late.join();
  const Seen seen = coordinator_.seen();
  ASSERT_EQ(seen.goodbyes.size(), 1U);
  EXPECT_EQ(seen.goodbyes[0].actor().steps(), 99U);
}

TEST_F(RegistrationTest, LeavesNoReportInAnotherRun) {
  std::thread late = RestartLater([this] {
    coordinator_.Fence();
    coordinator_.SetRunId("another run");
  });
  EXPECT_TRUE(absl::IsFailedPrecondition(registration_.Leave(Report(), minutes(1))));
  late.join();
  EXPECT_TRUE(coordinator_.seen().goodbyes.empty());
  EXPECT_EQ(registration_.identity().run_id, "run");
}

TEST_F(RegistrationTest, LeavesWithoutACoordinatorInTime) {
  coordinator_.Serve();
  ASSERT_TRUE(Register().ok());
  coordinator_.Kill();
  EXPECT_TRUE(Unreachable(registration_.Leave(Report(), milliseconds(300))));
}

}  // namespace
}  // namespace drover
