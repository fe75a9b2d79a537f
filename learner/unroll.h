#ifndef DROVER_LEARNER_UNROLL_H_
#define DROVER_LEARNER_UNROLL_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/queue.h"
#include "proto/spec.pb.h"
#include "proto/trajectory.pb.h"

namespace drover {

// One leaf of the spec, with its sizes worked out.
struct LeafLayout {
  std::string name;
  DType::Kind dtype;
  Leaf::Rate rate;
  std::vector<int64_t> shape;  // of one value
  size_t value_bytes;          // of one value

  // How many values a column holds for `unrolls` of `steps` with `finals` sparse ones.
  size_t Values(size_t steps, size_t unrolls, size_t finals) const;
};

// What Unrolls.columns must look like. Made once from the run's spec, then
// only read, from any thread.
struct UnrollLayout {
  // INVALID_ARGUMENT: the spec lacks the leaf "end" ([] uint8, per step), has
  // a negative shape, or an unknown dtype or rate.
  static absl::StatusOr<UnrollLayout> Make(const Spec& spec);

  size_t steps = 0;  // T
  std::vector<LeafLayout> leaves;
  size_t end_leaf = 0;      // index of "end"
  size_t action_leaf = 0;   // index of "action"; leaves.size(): there is none

  // No valid message of `unrolls` is larger, in bytes of protobuf.
  size_t MaxMessageBytes(size_t unrolls) const;
};

// Messages that were checked and counted, on their way from the trajectory
// receiver to the batch assembler. Its capacity, in messages, is what credits
// allow: max_policy_lag * batch / E.
using UnrollQueue = Queue<std::unique_ptr<Unrolls>>;

}  // namespace drover

#endif  // DROVER_LEARNER_UNROLL_H_
