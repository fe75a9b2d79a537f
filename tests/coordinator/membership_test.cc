#include "coordinator/membership.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace drover {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Membership::Time kStart = Membership::Time() + seconds(1000);

RegisterRequest Request(Role::Kind role, uint32_t index, int64_t pid) {
  RegisterRequest request;
  request.set_role(role);
  request.set_index(index);
  request.set_pid(pid);
  request.mutable_endpoint()->set_host_id("host");
  request.mutable_endpoint()->add_addresses("unix:/tmp/x");
  return request;
}

class MembershipTest : public ::testing::Test {
 protected:
  Membership::Grant MustRegister(Role::Kind role, uint32_t index, int64_t pid,
                                 Membership::Time now = kStart) {
    const auto grant = membership_.Register(Request(role, index, pid), now);
    EXPECT_TRUE(grant.ok()) << grant.status();
    return grant.value_or(Membership::Grant());
  }

  std::set<uint64_t> Live() const {
    std::set<uint64_t> live;
    for (const auto& [id, entry] : membership_.entries()) {
      if (entry.alive) live.insert(id);
    }
    return live;
  }

  std::set<int64_t> dead_pids_;
  Membership membership_{[this] {
    Membership::Options options;
    options.first_epoch = 7;
    options.is_gone = [this](const Member& member) { return dead_pids_.count(member.pid()) > 0; };
    return options;
  }()};
};

TEST_F(MembershipTest, NumbersActorsThatAskForIt) {
  const auto join = [this](int64_t pid) {
    RegisterRequest request = Request(Role::actor, 7, pid);
    request.set_any_index(true);
    request.set_host("node1");
    return *membership_.Register(request, kStart);
  };
  const auto first = join(1);
  EXPECT_EQ(first.index, 0u);
  EXPECT_EQ(first.member_id, MemberId(Role::actor, 0));
  EXPECT_EQ(membership_.entries().at(first.member_id).member.host(), "node1");
  MustRegister(Role::actor, 1, 2);
  MustRegister(Role::learner, 0, 3);
  // Processes of two containers may have the same pid.
  EXPECT_EQ(join(1).index, 2u);
  // The lowest that none has: of one that left, then of one that is dead.
  EXPECT_TRUE(membership_.Leave(first.member_id, first.epoch).ok());
  EXPECT_EQ(join(4).index, 0u);
  dead_pids_.insert(2);
  EXPECT_EQ(join(5).index, 1u);
  EXPECT_EQ(join(6).index, 3u);
  for (const Role::Kind role : {Role::learner, Role::replay, Role::evaluator}) {
    RegisterRequest request = Request(role, 0, 9);
    request.set_any_index(true);
    EXPECT_TRUE(absl::IsInvalidArgument(membership_.Register(request, kStart).status()));
  }
}

TEST_F(MembershipTest, GivesEachRoleAndIndexItsOwnIdAndAscendingEpochs) {
  const auto learner = MustRegister(Role::learner, 0, 1);
  const auto actor0 = MustRegister(Role::actor, 0, 2);
  const auto actor1 = MustRegister(Role::actor, 1, 3);
  EXPECT_EQ(learner.epoch, 7u);
  EXPECT_EQ(actor0.epoch, 8u);
  EXPECT_EQ(actor1.epoch, 9u);
  EXPECT_EQ(Live(), (std::set<uint64_t>{learner.member_id, actor0.member_id, actor1.member_id}));
  EXPECT_EQ(Live().size(), 3u);
  EXPECT_EQ(actor1.member_id, MemberId(Role::actor, 1));
}

TEST_F(MembershipTest, KeepsWhatTheMemberSaidOfItself) {
  const auto grant = MustRegister(Role::actor, 4, 99);
  const Member& member = membership_.entries().at(grant.member_id).member;
  EXPECT_EQ(member.role(), Role::actor);
  EXPECT_EQ(member.index(), 4u);
  EXPECT_EQ(member.pid(), 99);
  EXPECT_EQ(member.epoch(), grant.epoch);
  EXPECT_EQ(member.endpoint().addresses(0), "unix:/tmp/x");
}

TEST_F(MembershipTest, RefusesRolesAndIndicesThatMakeNoSense) {
  const auto code = [this](const RegisterRequest& request) {
    return membership_.Register(request, kStart).status().code();
  };
  EXPECT_EQ(code(Request(Role::unspecified, 0, 1)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(Request(Role::coordinator, 0, 1)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(Request(static_cast<Role::Kind>(77), 0, 1)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(Request(Role::learner, 1, 1)), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(code(Request(Role::actor, 65536, 1)), absl::StatusCode::kInvalidArgument);
  RegisterRequest many = Request(Role::actor, 0, 1);
  for (int i = 0; i < 17; ++i) many.mutable_endpoint()->add_addresses("a");
  EXPECT_EQ(code(many), absl::StatusCode::kInvalidArgument);
  RegisterRequest long_address = Request(Role::actor, 0, 1);
  long_address.mutable_endpoint()->add_addresses(std::string(257, 'a'));
  EXPECT_EQ(code(long_address), absl::StatusCode::kInvalidArgument);
  RegisterRequest long_host = Request(Role::actor, 0, 1);
  long_host.mutable_endpoint()->set_host_id(std::string(257, 'a'));
  EXPECT_EQ(code(long_host), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(membership_.entries().empty());
  EXPECT_EQ(membership_.version(), 0u);
}

TEST_F(MembershipTest, RefusesASecondLiveProcessUntilTheFirstIsGone) {
  const auto first = MustRegister(Role::actor, 0, 2);
  const auto refused = membership_.Register(Request(Role::actor, 0, 3), kStart);
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(refused.status().message().find("process 2 is already actor 0"), std::string::npos)
      << refused.status();
  EXPECT_TRUE(membership_.Check(first.member_id, first.epoch).ok());

  dead_pids_.insert(2);
  const auto second = MustRegister(Role::actor, 0, 3);
  EXPECT_EQ(second.member_id, first.member_id);
  EXPECT_GT(second.epoch, first.epoch);
  EXPECT_EQ(membership_.Renew(first.member_id, first.epoch, kStart).code(),
            absl::StatusCode::kFailedPrecondition);
}

// A learner, say, with older weights than those that its successor had published when it died.
TEST_F(MembershipTest, WhoWasReplacedDoesNotComeBackHoweverLong) {
  const auto first = MustRegister(Role::learner, 0, 2);
  membership_.Expire(kStart + seconds(3));
  RegisterRequest again = Request(Role::learner, 0, 2);
  again.set_previous_epoch(first.epoch);
  const auto same = membership_.Register(again, kStart + seconds(3));
  ASSERT_TRUE(same.ok()) << same.status();
  EXPECT_TRUE(membership_.Register(again, kStart + seconds(3)).ok()) << "it heard no answer";

  membership_.Expire(kStart + seconds(6));
  const auto second = MustRegister(Role::learner, 0, 3, kStart + seconds(6));
  membership_.Expire(kStart + seconds(9));
  const auto refused = membership_.Register(again, kStart + seconds(9));
  EXPECT_TRUE(absl::IsAlreadyExists(refused.status())) << refused.status();
  EXPECT_NE(refused.status().message().find("process 3 has become learner 0"), std::string::npos);
  EXPECT_GT(MustRegister(Role::learner, 0, 4, kStart + seconds(9)).epoch, second.epoch);
}

TEST_F(MembershipTest, TheSameProcessMayRegisterAgainAndFencesItsOlderEpoch) {
  const auto first = MustRegister(Role::actor, 0, 2);
  const auto second = MustRegister(Role::actor, 0, 2);
  EXPECT_GT(second.epoch, first.epoch);
  EXPECT_EQ(membership_.Check(first.member_id, first.epoch).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(membership_.Check(second.member_id, second.epoch).ok());
  RegisterRequest other_host = Request(Role::actor, 0, 2);
  other_host.mutable_endpoint()->set_host_id("elsewhere");
  EXPECT_FALSE(membership_.Register(other_host, kStart).ok());
}

TEST_F(MembershipTest, ALeaseLastsThreeSecondsFromEachRenewal) {
  const auto grant = MustRegister(Role::actor, 0, 2);
  EXPECT_TRUE(membership_.Renew(grant.member_id, grant.epoch, kStart + milliseconds(2999)).ok());
  EXPECT_TRUE(membership_.Expire(kStart + milliseconds(5998)).empty());
  EXPECT_TRUE(membership_.Check(grant.member_id, grant.epoch).ok());
  EXPECT_EQ(membership_.Expire(kStart + milliseconds(5999)).size(), 1u);
  EXPECT_TRUE(membership_.Expire(kStart + milliseconds(5999)).empty());  // only once
  EXPECT_EQ(membership_.Check(grant.member_id, grant.epoch).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(Live().empty());
}

TEST_F(MembershipTest, ALateRenewalDoesNotReviveAMember) {
  const auto grant = MustRegister(Role::actor, 0, 2);
  const uint64_t version = membership_.version();
  EXPECT_EQ(membership_.Renew(grant.member_id, grant.epoch, kStart + seconds(3)).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_GT(membership_.version(), version);
  EXPECT_TRUE(Live().empty());
  // Another process may take its place, and so may the same.
  EXPECT_GT(MustRegister(Role::actor, 0, 5, kStart + seconds(3)).epoch, grant.epoch);
}

TEST_F(MembershipTest, OneExpiryLeavesTheOthersAlone) {
  const auto early = MustRegister(Role::actor, 0, 2);
  const auto late = MustRegister(Role::actor, 1, 3, kStart + seconds(1));
  EXPECT_EQ(membership_.Expire(kStart + seconds(3)).size(), 1u);
  EXPECT_EQ(Live(), std::set<uint64_t>{late.member_id});
  EXPECT_TRUE(membership_.AnyAlive());
  EXPECT_FALSE(membership_.Check(early.member_id, early.epoch).ok());
}

TEST_F(MembershipTest, LeavingFences) {
  const auto grant = MustRegister(Role::actor, 0, 2);
  EXPECT_EQ(membership_.Leave(grant.member_id, grant.epoch - 1).code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(membership_.Leave(grant.member_id, grant.epoch).ok());
  EXPECT_FALSE(membership_.AnyAlive());
  EXPECT_EQ(membership_.Renew(grant.member_id, grant.epoch, kStart).code(),
            absl::StatusCode::kFailedPrecondition);
  const uint64_t version = membership_.version();
  EXPECT_TRUE(membership_.Leave(grant.member_id, grant.epoch).ok());  // it may not have heard
  EXPECT_TRUE(membership_.Expire(kStart + seconds(60)).empty());      // no change: it had left
  EXPECT_EQ(membership_.version(), version);
  EXPECT_GT(MustRegister(Role::actor, 0, 2).epoch, grant.epoch);
  EXPECT_FALSE(membership_.Leave(grant.member_id, grant.epoch).ok());
}

TEST_F(MembershipTest, OneWhoseLeaseRanOutCannotLeave) {
  const auto grant = MustRegister(Role::actor, 0, 2);
  membership_.Expire(kStart + seconds(3));
  EXPECT_FALSE(membership_.Leave(grant.member_id, grant.epoch).ok());
}

TEST_F(MembershipTest, AnotherTakesItOverAndEveryLiveMemberHasOneFullLease) {
  const auto live = MustRegister(Role::learner, 0, 1);
  const auto left = MustRegister(Role::actor, 0, 2);
  const auto silent = MustRegister(Role::actor, 1, 3);
  EXPECT_TRUE(membership_.Leave(left.member_id, left.epoch).ok());
  EXPECT_TRUE(membership_.Renew(live.member_id, live.epoch, kStart + seconds(2)).ok());
  membership_.Expire(kStart + seconds(3));

  RunMemory memory;
  membership_.Save(&memory);
  Membership::Options options;
  options.first_epoch = membership_.next_epoch();
  options.first_version = membership_.version();
  Membership next(options);
  const Membership::Time now = kStart + seconds(100);
  next.Restore(memory, now);
  EXPECT_EQ(next.version(), membership_.version());
  EXPECT_TRUE(next.Expire(now + milliseconds(2999)).empty());
  EXPECT_TRUE(next.Check(live.member_id, live.epoch).ok());
  EXPECT_EQ(next.entries().at(live.member_id).member.endpoint().addresses(0), "unix:/tmp/x");
  EXPECT_TRUE(next.Leave(left.member_id, left.epoch).ok());
  EXPECT_FALSE(next.Check(silent.member_id, silent.epoch).ok());
  EXPECT_GT(next.Register(Request(Role::actor, 1, 3), now)->epoch, silent.epoch);
  EXPECT_EQ(next.Expire(now + seconds(3)).size(), 2u);
}

TEST_F(MembershipTest, RenewingAllIsOneFullLeaseForEach) {
  const auto grant = MustRegister(Role::actor, 0, 2);
  membership_.RenewAll(kStart + seconds(9));
  EXPECT_TRUE(membership_.Expire(kStart + milliseconds(11999)).empty());
  EXPECT_TRUE(membership_.Renew(grant.member_id, grant.epoch, kStart + milliseconds(11999)).ok());
}

TEST(LeaseForTest, IsLongerWhereMoreActorsRenew) {
  EXPECT_EQ(LeaseFor(1), seconds(3));
  EXPECT_EQ(LeaseFor(300), seconds(3));
  EXPECT_EQ(LeaseFor(1000), seconds(10));
}

TEST_F(MembershipTest, UnknownMembersAreNotFound) {
  EXPECT_EQ(membership_.Check(12, 1).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(membership_.Renew(12, 1, kStart).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(membership_.Leave(12, 1).code(), absl::StatusCode::kNotFound);
}

TEST_F(MembershipTest, TheVersionCountsChangesOnly) {
  const auto a = MustRegister(Role::actor, 0, 2);
  EXPECT_EQ(membership_.version(), 1u);
  EXPECT_TRUE(membership_.Renew(a.member_id, a.epoch, kStart + seconds(1)).ok());
  EXPECT_TRUE(membership_.Expire(kStart + seconds(1)).empty());
  EXPECT_FALSE(membership_.Register(Request(Role::actor, 0, 3), kStart + seconds(1)).ok());
  EXPECT_EQ(membership_.version(), 1u);
  EXPECT_TRUE(membership_.Leave(a.member_id, a.epoch).ok());
  EXPECT_EQ(membership_.version(), 2u);
}

}  // namespace
}  // namespace drover
