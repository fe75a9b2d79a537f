#ifndef DROVER_BENCH_REPLAY_EXPERIENCE_H_
#define DROVER_BENCH_REPLAY_EXPERIENCE_H_

#include <cstddef>
#include <cstdint>

#include "client/identity.h"
#include "proto/coordinator.pb.h"
#include "proto/replay.pb.h"
#include "proto/spec.pb.h"

// The made-up run of `drover bench replay`: what its server and its clients must agree on.
namespace drover {

constexpr char kReplayBenchTable[] = "bench";

// Actors have members 1 … kReplayBenchClients, learners those from there on.
constexpr uint64_t kReplayBenchClients = 64;
MemberTable ReplayBenchMembers();
Identity ReplayBenchIdentity(uint64_t member);

// Items of one step and so many bytes, in messages of T steps of E environments: about 1 MiB, and
// at most 1024 items.
struct ReplayShape {
  explicit ReplayShape(size_t item_bytes);

  size_t item_bytes;
  uint32_t steps = 1;         // T
  uint32_t environments = 1;  // E

  size_t items() const { return size_t{steps} * environments; }
};

// Small items are float32, as observed vectors are, large ones bytes, as images are.
Spec ReplayBenchSpec(const ReplayShape& shape);

// A message with an item for each step and random priorities, different for each `seed`.
InsertRequest ReplayBenchMessage(const ReplayShape& shape, uint64_t seed);

}  // namespace drover

#endif  // DROVER_BENCH_REPLAY_EXPERIENCE_H_
