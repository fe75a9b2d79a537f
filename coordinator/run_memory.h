#ifndef DROVER_COORDINATOR_RUN_MEMORY_H_
#define DROVER_COORDINATOR_RUN_MEMORY_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/run_memory.pb.h"

// What a run directory keeps for the next coordinator: proto/run_memory.proto says what.
namespace drover {

constexpr char kMemoryFile[] = "coordinator.textproto";  // RunMemory; read and written

// Reads it. NOT_FOUND: there is none; DATA_LOSS: it is damaged.
absl::StatusOr<RunMemory> ReadRunMemory(const std::string& run_dir);

// Replaces it, synced.
absl::Status WriteRunMemory(const std::string& run_dir, const RunMemory& memory);

// Begins a launch of the run called `name`, the first in this directory or another: it has an id
// of its own, so that processes of an earlier launch cannot take part, and its numbers go on above
// those of before. Nothing else of what was remembered holds: what the run has come to is in the
// learner's checkpoint. A launcher calls it while no coordinator runs; returns what it wrote.
absl::StatusOr<RunMemory> BeginLaunch(const std::string& run_dir, const std::string& name);

}  // namespace drover

#endif  // DROVER_COORDINATOR_RUN_MEMORY_H_
