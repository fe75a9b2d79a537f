#include "deploy/reconcile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Place kCoordinator{Role::coordinator, 0};
const Place kLearner{Role::learner, 0};

Place Actor(uint32_t index) { return {Role::actor, index}; }

Experiment Impala() {
  Experiment experiment;
  experiment.set_topology(Topology::impala);
  return experiment;
}

std::vector<Placed> PlacedOf(const std::vector<Place>& places) {
  std::vector<Placed> placed;
  for (const Place& place : places) placed.push_back({place});
  return placed;
}

TEST(ReconcileTest, StartsAllFromNothing) {
  EXPECT_THAT(Reconcile(Impala(), {RunState::waiting, 2}, {}).start,
              ElementsAre(kCoordinator, kLearner, Actor(0), Actor(1)));
  Experiment experiment;
  experiment.set_topology(Topology::d4pg);
  experiment.mutable_replay()->set_shards(2);
  experiment.mutable_evaluation()->set_every_frames(10);
  EXPECT_THAT(Reconcile(experiment, {RunState::waiting, 1}, {}).start,
              ElementsAre(kCoordinator, kLearner, Place{Role::replay, 0}, Place{Role::replay, 1},
                          Place{Role::evaluator, 0}, Actor(0)));
}

TEST(ReconcileTest, ReplacesWhatIsLostAndLeavesTheRest) {
  const auto placed = PlacedOf({kCoordinator, Actor(0), Actor(2)});
  const Changes changes = Reconcile(Impala(), {RunState::running, 3}, placed);
  EXPECT_THAT(changes.start, ElementsAre(kLearner, Actor(1)));
  EXPECT_THAT(changes.end, IsEmpty());
}

TEST(ReconcileTest, ScalesUpAndDown) {
  auto placed = PlacedOf({kCoordinator, kLearner, Actor(0), Actor(1), Actor(2), Actor(3)});
  EXPECT_THAT(Reconcile(Impala(), {RunState::running, 6}, placed).start,
              ElementsAre(Actor(4), Actor(5)));
  Changes changes = Reconcile(Impala(), {RunState::running, 1}, placed);
  EXPECT_THAT(changes.end, ElementsAre(Actor(3), Actor(2), Actor(1)));
  EXPECT_THAT(changes.start, IsEmpty());

  // Who ends is told once, and not replaced before it is gone.
  placed[5].ending = true;
  EXPECT_THAT(Reconcile(Impala(), {RunState::running, 3}, placed).end, IsEmpty());
  EXPECT_THAT(Reconcile(Impala(), {RunState::running, 4}, placed).start, IsEmpty());
  placed.pop_back();
  EXPECT_THAT(Reconcile(Impala(), {RunState::running, 4}, placed).start, ElementsAre(Actor(3)));
}

TEST(ReconcileTest, ARunThatDrainsKeepsItsLearnerOnly) {
  const auto placed = PlacedOf({Actor(0), Actor(5)});
  const Changes changes = Reconcile(Impala(), {RunState::draining, 2}, placed);
  EXPECT_THAT(changes.start, ElementsAre(kLearner));
  EXPECT_THAT(changes.end, IsEmpty());
}

TEST(ReconcileTest, DoesNothingOnceTheRunHasEndedOrTheLauncherCloses) {
  EXPECT_THAT(Reconcile(Impala(), {RunState::ended, 2}, {}).start, IsEmpty());
  const auto placed = PlacedOf({Actor(5)});
  const Changes changes = Reconcile(Impala(), {RunState::running, 2, /*closing=*/true}, placed);
  EXPECT_THAT(changes.start, IsEmpty());
  EXPECT_THAT(changes.end, IsEmpty());
}

}  // namespace
}  // namespace drover
