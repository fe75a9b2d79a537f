#include "client/run_view.h"

#include <chrono>
#include <string>
#include <thread>

#include "gtest/gtest.h"

namespace drover {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;

MemberTable Table(uint64_t version, RunState::Kind state) {
  MemberTable table;
  table.set_version(version);
  table.set_state(state);
  return table;
}

void AddMember(Role::Kind role, uint64_t epoch, const std::string& address, MemberTable* table) {
  Member* member = table->add_members();
  member->set_role(role);
  member->set_epoch(epoch);
  if (!address.empty()) member->mutable_endpoint()->add_addresses(address);
}

TEST(RunViewTest, KnowsARepeatedTable) {
  RunView view;
  EXPECT_TRUE(view.SetTable(Table(1, RunState::waiting)));
  EXPECT_FALSE(view.SetTable(Table(1, RunState::waiting)));
  EXPECT_TRUE(view.SetTable(Table(1, RunState::running)));
  EXPECT_TRUE(view.SetTable(Table(2, RunState::running)));
  EXPECT_EQ(view.table().version(), 2U);
}

TEST(RunViewTest, FindsAPeerThatServesByRoleAndIndex) {
  RunView view;
  EXPECT_TRUE(absl::IsUnavailable(view.WaitForPeer(Role::learner, 0, milliseconds(1)).status()));
  MemberTable table = Table(1, RunState::running);
  AddMember(Role::actor, 9, "a:1", &table);
  AddMember(Role::replay, 3, "b:1", &table);
  AddMember(Role::replay, 5, "c:1", &table);
  table.mutable_members(2)->set_index(1);
  AddMember(Role::learner, 6, "", &table);
  view.SetTable(table);
  EXPECT_EQ(view.WaitForPeer(Role::replay, 0, milliseconds(0)).value().addresses(0), "b:1");
  EXPECT_EQ(view.WaitForPeer(Role::replay, 1, milliseconds(0)).value().addresses(0), "c:1");
  EXPECT_TRUE(absl::IsUnavailable(view.WaitForPeer(Role::replay, 2, milliseconds(1)).status()));
  EXPECT_TRUE(absl::IsUnavailable(view.WaitForPeer(Role::learner, 0, milliseconds(1)).status()));
}

TEST(RunViewTest, ATableWakesWhoWaits) {
  RunView view;
  std::thread waiter([&view] {
    EXPECT_TRUE(view.WaitForPeer(Role::learner, 0, minutes(1)).ok());
    EXPECT_TRUE(view.WaitForDrain(minutes(1)));
  });
  MemberTable table = Table(1, RunState::running);
  AddMember(Role::learner, 3, "b:1", &table);
  view.SetTable(table);
  table.set_version(2);
  table.set_state(RunState::draining);
  view.SetTable(table);
  waiter.join();
  EXPECT_TRUE(view.WaitForDrain(milliseconds(0)));
  EXPECT_TRUE(view.Sleep(milliseconds(1)));
}

TEST(RunViewTest, WakeEndsASleepOrTheNext) {
  RunView view;
  std::thread waiter([&] { EXPECT_TRUE(view.Sleep(minutes(1))); });
  view.Wake();
  waiter.join();
  // Once.
  const auto begin = RunView::Clock::now();
  EXPECT_TRUE(view.Sleep(milliseconds(20)));
  EXPECT_GE(RunView::Clock::now() - begin, milliseconds(20));
}

TEST(RunViewTest, TheEndWakesWhoWaits) {
  RunView view;
  EXPECT_FALSE(view.WaitForDrain(milliseconds(1)));
  std::thread waiter([&view] {
    EXPECT_TRUE(absl::IsAborted(view.WaitForPeer(Role::learner, 0, minutes(1)).status()));
    EXPECT_TRUE(view.WaitForDrain(minutes(1)));
    EXPECT_FALSE(view.Sleep(minutes(1)));
  });
  EXPECT_TRUE(view.End(absl::AbortedError("first")));
  EXPECT_FALSE(view.End(absl::AbortedError("second")));
  waiter.join();
  EXPECT_EQ(view.status().message(), "first");
}

}  // namespace
}  // namespace drover
