#include "learner/unroll.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace drover {
namespace {

// Bytes of one element; 0: unknown.
size_t ElementBytes(DType::Kind dtype) {
  switch (dtype) {
    case DType::float32:
    case DType::int32:
      return 4;
    case DType::float64:
    case DType::int64:
      return 8;
    case DType::uint8:
      return 1;
    default:
      return 0;
  }
}

absl::StatusOr<LeafLayout> MakeLeaf(const Leaf& leaf) {
  LeafLayout layout{leaf.name(), leaf.dtype(), leaf.rate(), {}, ElementBytes(leaf.dtype())};
  for (const int64_t size : leaf.shape()) {
    if (size < 0) {
      return absl::InvalidArgumentError(absl::StrCat("leaf ", leaf.name(), " has size ", size));
    }
    layout.shape.push_back(size);
    layout.value_bytes *= static_cast<size_t>(size);
  }
  const bool rate_known = leaf.rate() >= Leaf::per_observation && leaf.rate() <= Leaf::sparse;
  if (ElementBytes(leaf.dtype()) == 0 || !rate_known) {
    return absl::InvalidArgumentError(absl::StrCat("leaf ", leaf.name(), " has dtype ",
                                                   leaf.dtype(), " and rate ", leaf.rate(),
                                                   ": one is unknown"));
  }
  return layout;
}

}  // namespace

size_t LeafLayout::Values(size_t steps, size_t unrolls, size_t finals) const {
  switch (rate) {
    case Leaf::per_observation:
      return (steps + 1) * unrolls;
    case Leaf::per_step:
      return steps * unrolls;
    case Leaf::per_unroll:
      return unrolls;
    default:
      return finals;
  }
}

absl::StatusOr<UnrollLayout> UnrollLayout::Make(const Spec& spec) {
  UnrollLayout layout;
  layout.steps = spec.steps();
  const auto count = static_cast<size_t>(spec.leaves_size());
  layout.end_leaf = layout.action_leaf = count;
  for (size_t i = 0; i < count; ++i) {
    auto leaf = MakeLeaf(spec.leaves(static_cast<int>(i)));
    if (!leaf.ok()) return leaf.status();
    if (leaf->name == "end") layout.end_leaf = i;
    if (leaf->name == "action") layout.action_leaf = i;
    layout.leaves.push_back(*std::move(leaf));
  }
  const bool has_end = layout.end_leaf < count &&
                       layout.leaves[layout.end_leaf].dtype == DType::uint8 &&
                       layout.leaves[layout.end_leaf].value_bytes == 1 &&
                       layout.leaves[layout.end_leaf].rate == Leaf::per_step;
  if (!has_end) return absl::InvalidArgumentError("the spec has no leaf \"end\", [] uint8, per step");
  if (layout.steps == 0) return absl::InvalidArgumentError("the spec has unrolls of 0 steps");
  return layout;
}

size_t UnrollLayout::MaxMessageBytes(size_t unrolls) const {
  // An encoded VersionRun takes at most 20 bytes, a Position and an Episode
  // as much or less; every step may have one of each, in the worst case.
  constexpr size_t kEntryBytes = 32;
  constexpr size_t kHeaderBytes = 1024;
  const size_t all_steps = steps * unrolls;
  size_t bytes = kHeaderBytes + kEntryBytes * (2 * all_steps + steps);
  for (const LeafLayout& leaf : leaves) {
    bytes += leaf.Values(steps, unrolls, all_steps) * leaf.value_bytes + kEntryBytes;
  }
  return bytes;
}

}  // namespace drover
