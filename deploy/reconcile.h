#ifndef DROVER_DEPLOY_RECONCILE_H_
#define DROVER_DEPLOY_RECONCILE_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "proto/coordinator.pb.h"

// What processes a run should have, against those that it has. Pure functions.
namespace drover {

// One process of a run, for as long as the run lasts: who dies is started again in its place.
struct Place {
  Role::Kind role = Role::unspecified;
  uint32_t index = 0;

  std::string ToString() const;  // "actor 3"
  friend bool operator==(const Place& a, const Place& b) {
    return a.role == b.role && a.index == b.index;
  }
  friend bool operator<(const Place& a, const Place& b) {
    return std::tie(a.role, a.index) < std::tie(b.role, b.index);
  }
};

// A place that an engine has a process for: it runs, waits for resources or is being started.
struct Placed {
  Place place;
  bool ending = false;  // it was told to end, and still occupies its place
};

// What the coordinator wants, as last heard.
struct Desired {
  RunState::Kind state = RunState::waiting;
  uint32_t actors = 0;
  bool closing = false;  // the launcher gives up: nothing is started any more
};

// Every place of the run: coordinator, learner, replay shards, evaluator, actors. One that comes
// earlier is waited for by those after it.
std::vector<Place> Places(const Experiment& experiment, uint32_t actors);

struct Changes {
  std::vector<Place> start;  // in the order of Places
  std::vector<Place> end;    // actors, the highest index first
};

// What to do so that the run has what it should. While it drains only a learner that is lost is
// started, to write the last checkpoint; nobody is ended, since all leave by themselves. Once it
// has ended, or the launcher closes, there is nothing to do.
Changes Reconcile(const Experiment& experiment, const Desired& desired,
                  const std::vector<Placed>& placed);

}  // namespace drover

#endif  // DROVER_DEPLOY_RECONCILE_H_
