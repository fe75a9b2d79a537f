#ifndef DROVER_COMMON_UNROLL_LAYOUT_H_
#define DROVER_COMMON_UNROLL_LAYOUT_H_

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/spec.pb.h"

namespace drover {

// What Unrolls.columns must look like: the run's spec with its sizes worked
// out. Made once, then only read, from any thread.
class UnrollLayout {
 public:
  // INVALID_ARGUMENT: CheckSpec (common/spec.h) refuses the spec, or it lacks
  // the leaf "end" ([] uint8, per step).
  static absl::StatusOr<UnrollLayout> Make(const Spec& spec);

  size_t steps() const { return spec_.steps(); }  // T
  size_t leaves() const { return value_bytes_.size(); }
  const Leaf& leaf(size_t i) const { return spec_.leaves(static_cast<int>(i)); }
  size_t value_bytes(size_t i) const { return value_bytes_[i]; }  // of one value of leaf i
  // How many values leaf i has in `unrolls` of them with `finals` sparse ones.
  size_t Values(size_t i, size_t unrolls, size_t finals) const;

  // Index of a leaf; leaves(): there is none of that name.
  size_t Find(absl::string_view name) const;
  size_t end_leaf() const { return end_leaf_; }
  size_t action_leaf() const { return action_leaf_; }  // leaves(): there is none

  // No valid message of `unrolls` is larger, in bytes of protobuf.
  size_t MaxMessageBytes(size_t unrolls) const;

 private:
  explicit UnrollLayout(const Spec& spec);

  Spec spec_;
  std::vector<size_t> value_bytes_;
  size_t end_leaf_;
  size_t action_leaf_;
};

}  // namespace drover

#endif  // DROVER_COMMON_UNROLL_LAYOUT_H_
