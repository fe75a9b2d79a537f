#include "coordinator/bottleneck.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace drover {
namespace {

using Kind = Bottleneck::Kind;
using Shares = std::map<std::string, double>;  // metric to share of time

// A run in which each thread has done so for `seconds`.
class BottleneckTest : public ::testing::Test {
 protected:
  BottleneckTest() {
    status_.set_state(RunState::running);
    status_.mutable_experiment()->set_topology(Topology::impala);
    status_.mutable_learner()->set_seconds(10);
  }

  MemberStatus* Add(Role::Kind role, uint32_t index, const Shares& shares, double seconds = 10) {
    MemberStatus* const member = status_.add_members();
    member->set_alive(true);
    member->mutable_member()->set_role(role);
    member->mutable_member()->set_member_id(100 * role + index);
    member->set_seconds_since_registration(seconds);
    auto& metrics = *member->mutable_report()->mutable_metrics();
    metrics["clock_seconds"] = 1000 + seconds;
    for (const auto& [name, share] : shares) metrics[name] = share * seconds;
    return member;
  }

  void AddTable(double inserts_blocked, double samples_blocked, const char* name = "replay") {
    status_.mutable_experiment()->set_topology(Topology::d4pg);
    ReplayTableReport* const table = Add(Role::replay, status_.members_size(), {})
                                         ->mutable_report()
                                         ->mutable_replay()
                                         ->add_tables();
    table->set_name(name);
    table->set_insert_blocked_seconds(inserts_blocked);
    table->set_sample_blocked_seconds(samples_blocked);
  }

  Bottleneck Find() const { return FindBottleneck(StatusReply(), status_); }

  // Of five seconds more, in which nobody was held back, and the learner waited.
  Bottleneck FindLater() {
    const StatusReply before = status_;
    status_.set_uptime_seconds(5);
    for (MemberStatus& member : *status_.mutable_members()) {
      auto& metrics = *member.mutable_report()->mutable_metrics();
      metrics["clock_seconds"] += 5;
      metrics["wait_seconds"] += 5;
    }
    return FindBottleneck(before, status_);
  }

  StatusReply status_;
};

const Shares kIdleLearner = {{"wait_seconds", 0.9}, {"forward_backward_seconds", 0.1}};
const Shares kBusyLearner = {{"wait_seconds", 0.1}, {"forward_backward_seconds", 0.9}};

TEST_F(BottleneckTest, NothingIsKnownAtFirst) {
  EXPECT_EQ(Find().kind, Kind::kUnknown);
  Add(Role::learner, 0, kBusyLearner);
  EXPECT_EQ(Find().kind, Kind::kUnknown);
  Add(Role::actor, 0, {{"environment_seconds", 1}});
  EXPECT_NE(Find().kind, Kind::kUnknown);
  status_.set_state(RunState::ended);
  EXPECT_EQ(Find().kind, Kind::kUnknown);
}

TEST_F(BottleneckTest, TheBusierSideAndOfActorsTheirLargestPart) {
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"environment_seconds", 0.7}, {"inference_seconds", 0.3}});
  EXPECT_EQ(Find().kind, Kind::kEnvironment);
  Add(Role::actor, 1, {{"environment_seconds", 0.1}, {"inference_seconds", 0.9}});
  EXPECT_EQ(Find().kind, Kind::kInference);
  Add(Role::actor, 2, {{"encode_seconds", 1}});
  Add(Role::actor, 3, {{"encode_seconds", 1}});
  EXPECT_EQ(Find().kind, Kind::kNetwork);
}

TEST_F(BottleneckTest, ALearnerThatWaitsLessThanActors) {
  Add(Role::learner, 0, kBusyLearner);
  Add(Role::actor, 0, {{"environment_seconds", 0.3}, {"wait_seconds", 0.7}});
  const Bottleneck found = Find();
  EXPECT_EQ(found.kind, Kind::kLearner);
  EXPECT_NE(found.why.find("forward-backward (90 %)"), std::string::npos) << found.why;
}

TEST_F(BottleneckTest, BothWait) {
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"environment_seconds", 0.2}, {"wait_seconds", 0.8}});
  EXPECT_EQ(Find().kind, Kind::kNetwork);
  // In lockstep all wait for the slowest.
  Add(Role::actor, 1, {{"environment_seconds", 0.9}, {"wait_seconds", 0.1}});
  EXPECT_EQ(Find().kind, Kind::kEnvironment);
}

TEST_F(BottleneckTest, Gradients) {
  status_.mutable_experiment()->set_topology(Topology::a3c);
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"gradient_seconds", 0.6}, {"environment_seconds", 0.4}});
  EXPECT_EQ(Find().kind, Kind::kGradients);
}

TEST_F(BottleneckTest, ALimiterThatHoldsSamplesBack) {
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"environment_seconds", 0.4}, {"inference_seconds", 0.6}});
  AddTable(0, 9);
  EXPECT_EQ(Find().kind, Kind::kLimiter);
  EXPECT_NE(Find().why.find("holds samples back 90 %"), std::string::npos) << Find().why;
  EXPECT_EQ(FindLater().kind, Kind::kNetwork);
  // Slow simulators are the reason, not the limiter.
  status_.clear_members();
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"environment_seconds", 0.95}, {"inference_seconds", 0.05}});
  AddTable(0, 9);
  EXPECT_EQ(Find().kind, Kind::kEnvironment);
}

TEST_F(BottleneckTest, ReplayedLearner) {
  Add(Role::learner, 0, kBusyLearner);
  Add(Role::actor, 0, {{"wait_seconds", 1}});
  AddTable(9, 0);  // inserts wait since the learner samples no faster
  EXPECT_EQ(Find().kind, Kind::kLearner);
}

TEST_F(BottleneckTest, ALimiterThatHoldsInsertsBackAndTheMostBlockedTable) {
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"wait_seconds", 0.9}});
  AddTable(9, 0, "much");
  AddTable(3, 0, "little");
  EXPECT_EQ(Find().kind, Kind::kLimiter);
  EXPECT_NE(Find().why.find("of table much holds inserts back 90 %"), std::string::npos)
      << Find().why;
  EXPECT_NE(Find().setting.find("lower "), std::string::npos) << Find().setting;
  EXPECT_EQ(FindLater().kind, Kind::kNetwork);
}

TEST_F(BottleneckTest, WhoIsGoneHasNoPart) {
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"environment_seconds", 1}});
  Add(Role::actor, 1, {{"encode_seconds", 1}})->set_alive(false);
  Add(Role::actor, 2, {{"encode_seconds", 1}})->set_alive(false);
  EXPECT_EQ(Find().kind, Kind::kEnvironment);
}

TEST_F(BottleneckTest, ALearnersSettingIsOfWhatItDoesMost) {
  Add(Role::learner, 0, {{"publish_seconds", 0.9}});
  Add(Role::actor, 0, {{"wait_seconds", 1}});
  EXPECT_NE(Find().setting.find("fewer versions to publish"), std::string::npos) << Find().setting;
}

TEST_F(BottleneckTest, SamplesThatNoLimiterHoldsBack) {
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"environment_seconds", 1}});
  AddTable(0, 0);
  EXPECT_EQ(Find().kind, Kind::kNetwork);
}

TEST_F(BottleneckTest, IsOfTheTimeBetweenTwoAnswers) {
  Add(Role::learner, 0, kBusyLearner, 100);
  Add(Role::actor, 0, {{"wait_seconds", 0.9}, {"environment_seconds", 0.1}}, 100);
  const StatusReply before = status_;
  for (MemberStatus& member : *status_.mutable_members()) {
    auto& metrics = *member.mutable_report()->mutable_metrics();
    metrics["clock_seconds"] += 5;
    metrics[member.member().role() == Role::learner ? "wait_seconds" : "environment_seconds"] += 5;
  }
  EXPECT_EQ(Find().kind, Kind::kLearner);
  EXPECT_EQ(FindBottleneck(before, status_).kind, Kind::kEnvironment);
}

TEST_F(BottleneckTest, EachHasAReasonAndASetting) {
  Add(Role::learner, 0, kIdleLearner);
  Add(Role::actor, 0, {{"environment_seconds", 1}});
  EXPECT_EQ(Find().why, "actors step environments 100 % of their time");
  EXPECT_NE(Find().setting.find("actors.count"), std::string::npos);
  EXPECT_EQ(BottleneckName(Kind::kLimiter), "replay's limiter");
}

}  // namespace
}  // namespace drover
