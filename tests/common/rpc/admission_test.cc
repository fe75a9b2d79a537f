#include "common/rpc/admission.h"

#include <gtest/gtest.h>

#include <set>

namespace drover {
namespace {

using Ruling = Admission::Ruling;
using std::chrono::milliseconds;

const std::chrono::steady_clock::time_point kNow{std::chrono::hours(1)};

MemberTable Table(uint64_t version, uint64_t epoch, Role::Kind role = Role::actor) {
  MemberTable table;
  table.set_run_id("run");
  table.set_version(version);
  Member* member = table.add_members();
  member->set_member_id(5);
  member->set_epoch(epoch);
  member->set_role(role);
  return table;
}

Peer MakePeer(uint64_t epoch, uint64_t table_version) {
  return {"run", 5, epoch, table_version, kNow, false};
}

TEST(Admission, AdmitsWhomTheTableListsOnce) {
  Admission admission({Role::actor});
  admission.Update(Table(3, 10));
  Peer peer = MakePeer(10, 3);
  EXPECT_EQ(admission.Decide(peer, kNow).ruling, Ruling::kAdmit);
  peer.admitted = true;
  EXPECT_EQ(admission.Decide(peer, kNow).ruling, Ruling::kLeave);
}

TEST(Admission, WaitsASecondForTheTableThatThePeerNames) {
  Admission admission({Role::actor});
  const Peer peer = MakePeer(10, 3);
  EXPECT_EQ(admission.Decide(peer, kNow).ruling, Ruling::kLeave);
  admission.Update(Table(2, 9));  // its epoch before
  EXPECT_EQ(admission.Decide(peer, kNow + milliseconds(1000)).ruling, Ruling::kLeave);
  const auto late = admission.Decide(peer, kNow + milliseconds(1001));
  EXPECT_EQ(late.ruling, Ruling::kClose);
  EXPECT_EQ(late.status.code(), absl::StatusCode::kNotFound);
  admission.Update(Table(3, 10));
  EXPECT_EQ(admission.Decide(peer, kNow + milliseconds(1001)).ruling, Ruling::kAdmit);
}

TEST(Admission, RefusesWhomTheNamedTableDoesNotList) {
  Admission admission({Role::actor});
  admission.Update(Table(3, 10));
  Peer peer = MakePeer(10, 3);
  peer.member_id = 6;
  const auto decision = admission.Decide(peer, kNow);
  EXPECT_EQ(decision.ruling, Ruling::kClose);
  EXPECT_EQ(decision.status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(admission.Decide(MakePeer(11, 3), kNow).status.code(), absl::StatusCode::kNotFound);
}

TEST(Admission, ClosesAnOlderEpoch) {
  Admission admission({Role::actor});
  admission.Update(Table(3, 10));
  Peer peer = MakePeer(10, 3);
  peer.admitted = true;
  admission.Update(Table(4, 11));
  const auto decision = admission.Decide(peer, kNow);
  EXPECT_EQ(decision.ruling, Ruling::kClose);
  EXPECT_EQ(decision.status.code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Admission, ClosesWhoHasLeft) {
  Admission admission({Role::actor});
  admission.Update(Table(3, 10));
  Peer peer = MakePeer(10, 3);
  peer.admitted = true;
  MemberTable empty;
  empty.set_run_id("run");
  empty.set_version(4);
  admission.Update(empty);
  EXPECT_EQ(admission.Decide(peer, kNow).status.code(), absl::StatusCode::kNotFound);
}

TEST(Admission, RefusesAnotherRunAndAnotherRole) {
  Admission admission({Role::actor, Role::evaluator});
  admission.Update(Table(3, 10));
  Peer peer = MakePeer(10, 4);
  peer.run_id = "other";
  EXPECT_EQ(admission.Decide(peer, kNow).status.code(), absl::StatusCode::kFailedPrecondition);
  admission.Update(Table(3, 10, Role::evaluator));
  EXPECT_EQ(admission.Decide(MakePeer(10, 3), kNow).ruling, Ruling::kAdmit);
  admission.Update(Table(3, 10, Role::learner));
  EXPECT_EQ(admission.Decide(MakePeer(10, 3), kNow).status.code(), absl::StatusCode::kNotFound);
}

TEST(Admission, KnowsWhoLives) {
  Admission admission({Role::actor});
  EXPECT_TRUE(admission.Living().empty());
  MemberTable table = Table(3, 10);
  Member* other = table.add_members();
  other->set_member_id(6);
  other->set_role(Role::learner);
  admission.Update(table);
  EXPECT_EQ(admission.Living(), (std::set<uint64_t>{5}));
  admission.Update(MemberTable());
  EXPECT_TRUE(admission.Living().empty());
}

}  // namespace
}  // namespace drover
