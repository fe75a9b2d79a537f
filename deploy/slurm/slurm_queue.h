#ifndef DROVER_DEPLOY_SLURM_SLURM_QUEUE_H_
#define DROVER_DEPLOY_SLURM_SLURM_QUEUE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "deploy/reconcile.h"

// The jobs of a run in Slurm's queue. Calls block, some tenths of a second as a rule.
namespace drover {

struct SlurmJob {
  Place place;
  std::string id;     // "17", or of an array's task "17_3"
  std::string state;  // as squeue says it

  bool waits() const { return state == "PENDING"; }  // for a node
  bool runs() const { return state == "RUNNING"; }
  bool completes() const { return state == "COMPLETING"; }  // its processes are being ended
};

class SlurmQueue {
 public:
  // Jobs are known by their names: slurm_script.h.
  explicit SlurmQueue(std::string run_id) : run_id_(std::move(run_id)) {}

  // UNAVAILABLE: Slurm does not answer now.
  absl::StatusOr<std::vector<SlurmJob>> List() const;
  // Submits a script; `indexes` are an array's, empty: it is none.
  absl::Status Submit(const std::string& script, const std::vector<uint32_t>& indexes) const;
  // SIGTERM, and SIGKILL for those that still run after Slurm's KillWait.
  absl::Status Cancel(const std::vector<std::string>& ids) const;

 private:
  const std::string run_id_;
};

// What squeue printed for List, of the run's roles.
absl::StatusOr<std::vector<SlurmJob>> ParseSlurmQueue(absl::string_view squeue,
                                                      const std::string& run_id);

}  // namespace drover

#endif  // DROVER_DEPLOY_SLURM_SLURM_QUEUE_H_
