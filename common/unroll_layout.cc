#include "common/unroll_layout.h"

#include "absl/status/status.h"
#include "common/spec.h"
#include "common/status_macros.h"

namespace drover {

absl::StatusOr<UnrollLayout> UnrollLayout::Make(const Spec& spec) {
  DROVER_RETURN_IF_ERROR(CheckSpec(spec));
  const UnrollLayout layout(spec);
  if (layout.end_leaf_ < layout.leaves()) {
    const Leaf& end = layout.leaf(layout.end_leaf_);
    const bool is_bytes = end.dtype() == DType::uint8 && end.shape().empty();
    if (is_bytes && end.rate() == Leaf::per_step) return layout;
  }
  return absl::InvalidArgumentError("the spec has no leaf \"end\", uint8 [], per step");
}

UnrollLayout::UnrollLayout(const Spec& spec) : spec_(spec) {
  for (const Leaf& leaf : spec.leaves()) value_bytes_.push_back(ValueBytes(leaf));
  end_leaf_ = Find("end");
  action_leaf_ = Find("action");
}

size_t UnrollLayout::Values(size_t i, size_t unrolls, size_t finals) const {
  return ValueCount(leaf(i), steps(), unrolls, finals);
}

size_t UnrollLayout::Find(absl::string_view name) const {
  size_t i = 0;
  while (i < leaves() && leaf(i).name() != name) ++i;
  return i;
}

size_t UnrollLayout::MaxMessageBytes(size_t unrolls) const {
  // No VersionRun, Position or Episode takes more bytes. At worst each step has one of each.
  constexpr size_t kEntryBytes = 32;
  constexpr size_t kHeaderBytes = 1024;
  const size_t all_steps = steps() * unrolls;
  size_t bytes = kHeaderBytes + kEntryBytes * (2 * all_steps + steps());
  for (size_t i = 0; i < leaves(); ++i) {
    bytes += Values(i, unrolls, all_steps) * value_bytes_[i] + kEntryBytes;
  }
  return bytes;
}

}  // namespace drover
