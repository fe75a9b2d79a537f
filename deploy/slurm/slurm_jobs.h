#ifndef DROVER_DEPLOY_SLURM_SLURM_JOBS_H_
#define DROVER_DEPLOY_SLURM_SLURM_JOBS_H_

#include <map>
#include <set>
#include <string>
#include <vector>

#include "deploy/reconcile.h"
#include "deploy/restart_policy.h"
#include "deploy/slurm/slurm_queue.h"

namespace drover {

// What becomes of a run's jobs from one look at the queue to the next: who is there, who is ending,
// who is gone though nobody told him to, and when he may be submitted again. Slurm itself puts back
// what is preempted by requeueing or loses its node: such jobs stay in the queue. Asks nobody.
//
// Not thread-safe; time is passed in.
class SlurmJobs {
 public:
  using Time = RestartPolicy::Time;

  // What the queue holds now.
  void Look(std::vector<SlurmJob> jobs);
  // These were submitted, or told to end, since.
  void Submitted(const std::vector<Place>& places);
  void Ending(const std::vector<Place>& places);

  // As of the last look.
  const std::vector<SlurmJob>& all() const { return jobs_; }
  std::vector<std::string> Ids(const std::vector<Place>& places) const;
  std::vector<drover::Placed> Placed() const;
  bool Has(const Place& place) const { return there_.count(place) > 0; }
  bool Runs(const Place& place) const;
  // All are where they should be: none waits for a node, is ending or is held back.
  bool Settled() const;

  // Those that the last look missed.
  const std::vector<Place>& lost() const { return lost_; }
  // One of them counts as dead, and is held back for a moment; false: it died too often.
  bool Died(const Place& place, Time now);
  bool HeldBack(const Place& place, Time now) const;

 private:
  std::vector<SlurmJob> jobs_;
  std::set<Place> there_;  // in jobs_, or submitted since
  std::set<Place> ending_;
  std::vector<Place> lost_;
  std::map<Place, RestartPolicy> policies_;
  std::map<Place, Time> held_back_;  // until when
};

}  // namespace drover

#endif  // DROVER_DEPLOY_SLURM_SLURM_JOBS_H_
