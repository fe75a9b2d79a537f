#include "deploy/reconcile.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/topology.h"

namespace drover {

std::string Place::ToString() const { return absl::StrCat(Role::Kind_Name(role), " ", index); }

std::vector<Place> Places(const Experiment& experiment, uint32_t actors) {
  std::vector<Place> places = {{Role::coordinator, 0}, {Role::learner, 0}};
  const uint32_t shards = UsesReplay(experiment) ? experiment.replay().shards() : 0;
  for (uint32_t i = 0; i < shards; ++i) places.push_back({Role::replay, i});
  if (experiment.evaluation().every_frames() > 0) places.push_back({Role::evaluator, 0});
  for (uint32_t i = 0; i < actors; ++i) places.push_back({Role::actor, i});
  return places;
}

Changes Reconcile(const Experiment& experiment, const Desired& desired,
                  const std::vector<Placed>& placed) {
  Changes changes;
  if (desired.closing || desired.state == RunState::ended) return changes;
  const bool draining = desired.state == RunState::draining;
  std::set<Place> occupied;
  for (const Placed& each : placed) {
    occupied.insert(each.place);
    const bool surplus = each.place.role == Role::actor && each.place.index >= desired.actors;
    if (surplus && !each.ending && !draining) changes.end.push_back(each.place);
  }
  for (const Place& place : Places(experiment, desired.actors)) {
    if (draining && place.role != Role::learner) continue;
    if (occupied.count(place) == 0) changes.start.push_back(place);
  }
  std::sort(changes.end.rbegin(), changes.end.rend());
  return changes;
}

}  // namespace drover
