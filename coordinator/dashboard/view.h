#ifndef DROVER_COORDINATOR_DASHBOARD_VIEW_H_
#define DROVER_COORDINATOR_DASHBOARD_VIEW_H_

#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// What the page shows, as one line of JSON: app.js reads it. `before`: the run some seconds ago,
// for rates and for where time goes; empty: since the start. Figures of the run, then
//   rates      {frames, trained, updates, samples_per_insert (null: no replay)}
//   bottleneck {name, why, setting}
//   lag        {bounds, counts}: of trained steps
//   threads    [{who, parts: [[name, share]]}]: the learner's, and the mean of all actors'
//   statistics {name: value}: losses and the like
//   tables     [{shard, name, size, capacity, inserts, samples a second, blocked …}]
//   members    [[role, index, host, alive, age, seen, version, rate, resident MiB, cores, pid]]
//   waits      [{who, on, seconds}], the longest 50
//   events     [{time, kind, text}]
std::string ViewJson(const StatusReply& before, const StatusReply& now);

}  // namespace drover

#endif  // DROVER_COORDINATOR_DASHBOARD_VIEW_H_
