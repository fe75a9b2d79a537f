#include "coordinator/training_run.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const TrainingRun::Time kStart = TrainingRun::Time() + seconds(1000);

class TrainingRunTest : public ::testing::Test {
 protected:
  RegisterReply Join(Role::Kind role, uint32_t index, TrainingRun::Time now = kStart) {
    RegisterRequest request;
    request.set_role(role);
    request.set_index(index);
    request.set_pid(100 + index);
    const auto reply = run_.Register(request, now);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.value_or(RegisterReply());
  }

  absl::Status Renew(const RegisterReply& member, const Report& report, TrainingRun::Time now) {
    RenewRequest request;
    request.set_member_id(member.member_id());
    request.set_epoch(member.epoch());
    *request.mutable_report() = report;
    return run_.Renew(request, now);
  }

  absl::Status Leave(const RegisterReply& member, const Report& report, TrainingRun::Time now) {
    LeaveRequest request;
    request.set_member_id(member.member_id());
    request.set_epoch(member.epoch());
    *request.mutable_report() = report;
    return run_.Leave(request, now);
  }

  // Lets time pass as the owner's loop does.
  void TickUntil(TrainingRun::Time until) {
    for (; ticked_ <= until; ticked_ += milliseconds(100)) run_.Tick(ticked_);
  }

  static Report LearnerSays(uint64_t frames, EndReason::Kind outcome = EndReason::unspecified) {
    Report report;
    report.mutable_learner()->set_frames(frames);
    report.mutable_learner()->set_updates(frames / 100);
    report.mutable_learner()->set_outcome(outcome);
    (*report.mutable_metrics())["loss"] = 0.5;
    return report;
  }

  static TrainingRun::Options Options() {
    TrainingRun::Options options;
    options.memory.set_run_id("run");
    options.run_dir = "/runs/x";
    options.experiment.set_algorithm("impala");
    options.spec.set_steps(20);
    return options;
  }

  // The next coordinator, that started at `now`.
  TrainingRun Next(TrainingRun::Time now) const {
    TrainingRun::Options options = Options();
    options.memory = run_.Memory();
    return TrainingRun(options, now);
  }

  TrainingRun::Time ticked_ = kStart;
  TrainingRun run_{Options(), kStart};
};

TEST_F(TrainingRunTest, RegistrationHandsOutTheRun) {
  const RegisterReply reply = Join(Role::learner, 0);
  EXPECT_EQ(reply.run_id(), "run");
  EXPECT_EQ(reply.run_dir(), "/runs/x");
  EXPECT_EQ(reply.experiment().algorithm(), "impala");
  EXPECT_EQ(reply.spec().steps(), 20u);
  EXPECT_EQ(reply.lease_seconds(), 3);
  EXPECT_EQ(reply.epoch(), 1u);
  EXPECT_EQ(reply.table_version(), run_.Table().version());
}

TEST_F(TrainingRunTest, TheTableListsLiveMembersAndItsVersionGrowsWithEachChange) {
  uint64_t version = run_.Table().version();
  const auto grew = [&] {
    const uint64_t before = std::exchange(version, run_.Table().version());
    return version > before;
  };
  const RegisterReply learner = Join(Role::learner, 0);
  EXPECT_TRUE(grew());
  EXPECT_EQ(run_.Table().state(), RunState::running);
  const RegisterReply actor = Join(Role::actor, 3);
  EXPECT_TRUE(grew());
  ASSERT_EQ(run_.Table().members_size(), 2);
  EXPECT_EQ(run_.Table().members(1).index(), 3u);
  EXPECT_EQ(run_.Table().members(1).epoch(), actor.epoch());

  TickUntil(kStart + seconds(2));
  EXPECT_TRUE(Renew(learner, LearnerSays(1), kStart + seconds(2)).ok());
  EXPECT_FALSE(grew());
  TickUntil(kStart + seconds(3));
  EXPECT_TRUE(grew());
  EXPECT_EQ(run_.Table().members_size(), 1);
  EXPECT_TRUE(Renew(learner, LearnerSays(2, EndReason::budget_spent), kStart + seconds(3)).ok());
  EXPECT_TRUE(grew());
  EXPECT_EQ(run_.Table().state(), RunState::draining);
}

TEST_F(TrainingRunTest, RemembersHowManyActorsThereShouldBe) {
  TrainingRun::Options options = Options();
  options.experiment.mutable_actors()->set_count(4);
  TrainingRun run(options, kStart);
  EXPECT_EQ(run.Status(kStart).desired_actors(), 4u);
  const auto scale = [&run](uint32_t actors) {
    ScaleRequest request;
    request.set_actors(actors);
    return run.Scale(request);
  };
  const uint64_t before = run.changes();
  EXPECT_EQ(scale(16)->before(), 4u);
  EXPECT_GT(run.changes(), before);  // is saved before anybody is told
  EXPECT_EQ(run.Status(kStart).desired_actors(), 16u);
  EXPECT_EQ(scale(3)->before(), 16u);
  for (const uint32_t wrong : {0u, 4097u}) {
    EXPECT_TRUE(absl::IsInvalidArgument(scale(wrong).status())) << wrong;
  }
  options.memory = run.Memory();
  EXPECT_EQ(TrainingRun(options, kStart).Status(kStart).desired_actors(), 3u);
}

TEST_F(TrainingRunTest, ALearnerThatWaitsForAllActorsCannotBeScaled) {
  TrainingRun::Options options = Options();
  options.experiment.mutable_actors()->set_count(4);
  options.experiment.mutable_learner()->set_lockstep(true);
  ScaleRequest request;
  request.set_actors(5);
  options.experiment.set_topology(Topology::impala);
  EXPECT_TRUE(absl::IsFailedPrecondition(TrainingRun(options, kStart).Scale(request).status()));
  options.experiment.set_topology(Topology::a2c);
  EXPECT_TRUE(TrainingRun(options, kStart).Scale(request).ok());
}

TEST_F(TrainingRunTest, EndsWithTheLearnersLastReport) {
  const RegisterReply learner = Join(Role::learner, 0);
  const RegisterReply actor = Join(Role::actor, 0);
  EXPECT_TRUE(Renew(learner, LearnerSays(100, EndReason::budget_spent), kStart).ok());
  Report last = LearnerSays(100, EndReason::budget_spent);
  last.mutable_learner()->mutable_evaluation()->set_mean(490);
  EXPECT_FALSE(run_.policy().finished());
  EXPECT_TRUE(Leave(learner, last, kStart).ok());
  EXPECT_TRUE(run_.policy().finished());
  EXPECT_EQ(run_.learner().evaluation().mean(), 490);
  run_.SummaryWritten();
  EXPECT_EQ(run_.Table().state(), RunState::ended);
  EXPECT_TRUE(run_.AnyMember());
  EXPECT_TRUE(Leave(actor, Report(), kStart).ok());
  EXPECT_FALSE(run_.AnyMember());

  RegisterRequest late;
  late.set_role(Role::actor);
  EXPECT_EQ(run_.Register(late, kStart).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(TrainingRunTest, FencedMembersReportNothing) {
  const RegisterReply learner = Join(Role::learner, 0);
  const RegisterReply again = Join(Role::learner, 0);
  EXPECT_EQ(Renew(learner, LearnerSays(5), kStart).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(Leave(learner, LearnerSays(5), kStart).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(run_.learner().frames(), 0u);
  EXPECT_EQ(run_.policy().state(), RunState::running);
  WatchRequest watch;
  watch.set_member_id(learner.member_id());
  watch.set_epoch(learner.epoch());
  EXPECT_EQ(run_.CheckWatch(watch).code(), absl::StatusCode::kFailedPrecondition);
  watch.set_epoch(again.epoch());
  EXPECT_TRUE(run_.CheckWatch(watch).ok());
  watch.set_member_id(1);
  EXPECT_EQ(run_.CheckWatch(watch).code(), absl::StatusCode::kNotFound);
}

TEST_F(TrainingRunTest, NobodySpeaksForTheLearnerOrTheEvaluator) {
  Join(Role::learner, 0);
  const RegisterReply actor = Join(Role::actor, 0);
  EXPECT_TRUE(Renew(actor, LearnerSays(5, EndReason::target_reached), kStart).ok());
  EXPECT_EQ(run_.policy().state(), RunState::running);
  EXPECT_EQ(run_.learner().frames(), 0u);
  Report points;
  points.mutable_evaluator()->add_points()->set_version(1);
  EXPECT_TRUE(Renew(actor, points, kStart).ok());
  EXPECT_TRUE(run_.points().empty());
}

TEST_F(TrainingRunTest, KeepsEvaluatorsPointsUntilTheyAreWritten) {
  const RegisterReply evaluator = Join(Role::evaluator, 0);
  Report report;
  report.mutable_evaluator()->add_points()->set_version(3);
  report.mutable_evaluator()->add_points()->set_version(9);
  EXPECT_TRUE(Renew(evaluator, report, kStart).ok());
  EXPECT_TRUE(Renew(evaluator, report, kStart).ok());  // it did not hear the answer
  ASSERT_EQ(run_.points().size(), 2u);
  EXPECT_EQ(Next(kStart).points()[1].version(), 9u);
  const uint64_t changes = run_.changes();
  run_.PointsWritten(1);
  EXPECT_GT(run_.changes(), changes);
  ASSERT_EQ(run_.points().size(), 1u);
  EXPECT_EQ(run_.points()[0].version(), 9u);
}

TEST_F(TrainingRunTest, TheNextCoordinatorKnowsTheRunAndItsMembers) {
  const RegisterReply learner = Join(Role::learner, 0);
  const RegisterReply actor = Join(Role::actor, 0);
  Report report = LearnerSays(100);
  report.mutable_learner()->set_checkpoint("checkpoints/1");
  EXPECT_TRUE(Renew(learner, report, kStart).ok());

  const TrainingRun::Time later = kStart + seconds(1000);
  TrainingRun next = Next(later);
  EXPECT_EQ(next.Table().run_id(), "run");
  EXPECT_EQ(next.Table().state(), RunState::running);
  EXPECT_EQ(next.Table().members_size(), 2);
  EXPECT_GE(next.Table().version(), run_.Table().version());
  EXPECT_EQ(next.learner().frames(), 100u);
  EXPECT_FALSE(next.heard_of_learner());
  next.Tick(later + milliseconds(900));
  RenewRequest renew;
  renew.set_member_id(actor.member_id());
  renew.set_epoch(actor.epoch());
  EXPECT_TRUE(next.Renew(renew, later + milliseconds(900)).ok());
  for (int i = 10; i <= 30; ++i) next.Tick(later + i * milliseconds(100));
  EXPECT_EQ(next.Table().members_size(), 1);  // the learner had one full lease
  RegisterRequest again;
  again.set_role(Role::learner);
  again.set_pid(100);
  EXPECT_GT(next.Register(again, later + seconds(3))->epoch(), actor.epoch());
}

TEST_F(TrainingRunTest, ARunEndsInTheNextCoordinator) {
  const RegisterReply learner = Join(Role::learner, 0);
  EXPECT_TRUE(Renew(learner, LearnerSays(100, EndReason::budget_spent), kStart).ok());
  Report last = LearnerSays(120, EndReason::budget_spent);
  last.mutable_learner()->mutable_evaluation()->set_mean(490);
  EXPECT_TRUE(Leave(learner, last, kStart).ok());
  TrainingRun next = Next(kStart);
  EXPECT_TRUE(next.policy().finished());
  EXPECT_EQ(next.policy().end_reason(), EndReason::budget_spent);
  EXPECT_EQ(next.learner().evaluation().mean(), 490);
  LeaveRequest again;  // the answer was lost with the coordinator
  again.set_member_id(learner.member_id());
  again.set_epoch(learner.epoch());
  EXPECT_TRUE(next.Leave(again, kStart).ok());
  EXPECT_EQ(next.learner().frames(), 120u);
}

TEST_F(TrainingRunTest, RenewalsAloneAreNoChange) {
  const RegisterReply learner = Join(Role::learner, 0);
  EXPECT_TRUE(Renew(learner, LearnerSays(100), kStart).ok());
  const uint64_t changes = run_.changes();
  EXPECT_TRUE(Renew(learner, LearnerSays(200), kStart).ok());
  EXPECT_EQ(run_.changes(), changes);
  Report report = LearnerSays(300);
  report.mutable_learner()->set_checkpoint("checkpoints/7");
  EXPECT_TRUE(Renew(learner, report, kStart).ok());
  EXPECT_GT(run_.changes(), changes);  // what the run would go on from
}

TEST_F(TrainingRunTest, EpochsAreGrantedOnlyAsFarAsTheyAreSaved) {
  RegisterRequest request;
  request.set_role(Role::actor);
  uint64_t granted = 0;
  absl::StatusOr<RegisterReply> reply;
  while ((reply = run_.Register(request, kStart)).ok()) granted = reply->epoch();
  EXPECT_EQ(reply.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_GT(TrainingRun(Options(), kStart).Memory().next_epoch(), granted);
  run_.Saved(run_.Memory());
  EXPECT_GT(run_.Register(request, kStart)->epoch(), granted);
}

TEST_F(TrainingRunTest, NobodysLeaseRunsOutWhileThisProcessStoodStill) {
  const RegisterReply learner = Join(Role::learner, 0);
  const RegisterReply actor = Join(Role::actor, 0);
  EXPECT_TRUE(Renew(learner, Report(), kStart + seconds(60)).ok());
  EXPECT_TRUE(run_.Tick(kStart + seconds(60)).empty());
  ticked_ = kStart + seconds(60);
  TickUntil(kStart + milliseconds(62900));
  EXPECT_TRUE(Renew(actor, Report(), kStart + milliseconds(62900)).ok());
  TickUntil(kStart + seconds(63));
  EXPECT_FALSE(Renew(learner, Report(), kStart + seconds(63)).ok());
}

TEST_F(TrainingRunTest, StatusShowsMembersRatesAndWaits) {
  const RegisterReply learner = Join(Role::learner, 0);
  const RegisterReply actor = Join(Role::actor, 0);
  EXPECT_TRUE(Renew(learner, LearnerSays(1000), kStart + seconds(1)).ok());
  EXPECT_TRUE(Renew(learner, LearnerSays(3000), kStart + seconds(2)).ok());
  Report waiting;
  waiting.add_waits()->set_on("credits");
  EXPECT_TRUE(Renew(actor, waiting, kStart + seconds(2)).ok());
  EXPECT_TRUE(Leave(actor, waiting, kStart + seconds(2)).ok());

  const StatusReply status = run_.Status(kStart + milliseconds(2500));
  EXPECT_EQ(status.run_id(), "run");
  EXPECT_EQ(status.state(), RunState::running);
  EXPECT_EQ(status.uptime_seconds(), 2.5);
  EXPECT_EQ(status.frames_per_second(), 2000);
  EXPECT_EQ(status.updates_per_second(), 20);
  EXPECT_EQ(status.learner().frames(), 3000u);
  EXPECT_EQ(status.metrics().at("loss"), 0.5);
  ASSERT_EQ(status.members_size(), 2);
  EXPECT_TRUE(status.members(0).alive());
  EXPECT_EQ(status.members(0).seconds_since_renewal(), 0.5);
  EXPECT_FALSE(status.members(1).alive());
  EXPECT_EQ(status.members(1).report().waits(0).on(), "credits");
}

TEST_F(TrainingRunTest, AnAbsurdlyLargeReportIsNotKept) {
  const RegisterReply actor = Join(Role::actor, 0);
  Report large;
  large.add_waits()->set_on(std::string(300'000, 'x'));
  EXPECT_TRUE(Renew(actor, large, kStart).ok());
  EXPECT_EQ(run_.Status(kStart).members(0).report().waits_size(), 0);
  const RegisterReply learner = Join(Role::learner, 0);
  EXPECT_TRUE(Renew(learner, LearnerSays(100), kStart).ok());
  Report absurd = LearnerSays(200);
  absurd.mutable_learner()->set_checkpoint(std::string(300'000, 'x'));
  EXPECT_TRUE(Renew(learner, absurd, kStart).ok());
  EXPECT_EQ(run_.Status(kStart).learner().frames(), 100u);
}

TEST(RateTest, IsTheGrowthOverTheWindow) {
  Rate rate;
  EXPECT_EQ(rate.PerSecond(), 0);
  rate.Add(100, kStart);
  EXPECT_EQ(rate.PerSecond(), 0);
  rate.Add(100, kStart);  // no time has passed
  EXPECT_EQ(rate.PerSecond(), 0);
  for (int i = 1; i <= 20; ++i) rate.Add(100 + 10 * i, kStart + seconds(i));
  EXPECT_EQ(rate.PerSecond(), 10);
  for (int i = 21; i <= 26; ++i) rate.Add(300, kStart + seconds(i));
  EXPECT_EQ(rate.PerSecond(), 0);
  rate.Add(5, kStart + seconds(27));  // went back: a process that resumed
  EXPECT_EQ(rate.PerSecond(), 0);
  rate.Add(15, kStart + seconds(28));
  EXPECT_EQ(rate.PerSecond(), 10);
}

}  // namespace
}  // namespace drover
