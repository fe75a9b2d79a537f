#ifndef DROVER_DEPLOY_SLURM_SLURM_NODES_H_
#define DROVER_DEPLOY_SLURM_SLURM_NODES_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/experiment.pb.h"

// What a Slurm could hold, if nobody else used it. Pure functions.
namespace drover {

struct SlurmNode {
  std::string partition;
  bool is_default = false;  // the partition is where jobs go that name none
  uint64_t cores = 0;
  uint64_t memory_mib = 0;
  uint64_t gpus = 0;
  std::set<std::string> features;
};

// What sinfo is to print: a line for each node of each partition.
constexpr char kSlurmNodeFormat[] = "%P|%c|%m|%G|%f";
absl::StatusOr<std::vector<SlurmNode>> ParseSlurmNodes(absl::string_view sinfo);

// FAILED_PRECONDITION, with what would be possible: there is no such partition, a role fits none of
// its nodes, or it holds fewer actors than the config wants.
absl::Status CheckSlurmFits(const Experiment& experiment, const std::vector<SlurmNode>& nodes);

// The same where it allows no array for so many actors. `config`: what `scontrol show config`
// printed.
absl::Status CheckSlurmArrays(const Experiment& experiment, absl::string_view config);

}  // namespace drover

#endif  // DROVER_DEPLOY_SLURM_SLURM_NODES_H_
