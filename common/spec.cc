#include "common/spec.h"

#include <algorithm>
#include <set>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/check.h"
#include "common/dtype.h"
#include "common/hash.h"
#include "common/status_macros.h"

namespace drover {
namespace {

absl::Status Invalid(const Leaf& leaf, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("leaf \"", leaf.name(), "\" of the spec: ", why));
}

absl::Status CheckLeaf(const Leaf& leaf) {
  if (leaf.name().empty()) return Invalid(leaf, "no name");
  if (leaf.rate() == Leaf::unspecified || !Leaf::Rate_IsValid(leaf.rate())) {
    return Invalid(leaf, "unknown rate");
  }
  const absl::StatusOr<size_t> bytes = ByteCount(leaf.dtype(), leaf.shape());
  return bytes.ok() ? absl::OkStatus() : Invalid(leaf, bytes.status().message());
}

}  // namespace

absl::Status CheckSpec(const Spec& spec) {
  if (spec.steps() == 0) return absl::InvalidArgumentError("the spec has unrolls of no step");
  std::set<std::string> names;
  for (const Leaf& leaf : spec.leaves()) {
    DROVER_RETURN_IF_ERROR(CheckLeaf(leaf));
    if (!names.insert(leaf.name()).second) return Invalid(leaf, "named twice");
  }
  return absl::OkStatus();
}

uint64_t SpecHash(const Spec& spec) {
  StableHash hash;
  hash.Add(spec.protocol_version()).Add(spec.steps());
  hash.Add(static_cast<uint64_t>(spec.leaves_size()));
  for (const Leaf& leaf : spec.leaves()) {
    hash.Add(leaf.name());
    hash.Add(static_cast<uint64_t>(leaf.dtype())).Add(static_cast<uint64_t>(leaf.rate()));
    hash.Add(static_cast<uint64_t>(leaf.shape_size()));
    for (const int64_t size : leaf.shape()) hash.Add(static_cast<uint64_t>(size));
  }
  return hash.value();
}

size_t ValueBytes(const Leaf& leaf) {
  const absl::StatusOr<size_t> bytes = ByteCount(leaf.dtype(), leaf.shape());
  DROVER_CHECK(bytes.ok()) << bytes.status();
  return *bytes;
}

size_t ValueCount(const Leaf& leaf, size_t steps, size_t environments, size_t finals) {
  switch (leaf.rate()) {
    case Leaf::per_observation:
      return (steps + 1) * environments;
    case Leaf::per_step:
      return steps * environments;
    case Leaf::per_unroll:
      return environments;
    case Leaf::sparse:
      return finals;
    default:
      DROVER_CHECK(false) << "leaf " << leaf.name() << " has no rate";
      return 0;
  }
}

std::string DescribeSpec(const Spec& spec) {
  size_t width = 0;
  for (const Leaf& leaf : spec.leaves()) width = std::max(width, leaf.name().size());
  std::string text =
      absl::StrCat("protocol ", spec.protocol_version(), ", T = ", spec.steps(), "\n");
  for (const Leaf& leaf : spec.leaves()) {
    absl::StrAppendFormat(&text, "%-*s  %s %s  %s\n", static_cast<int>(width), leaf.name(),
                          DTypeName(leaf.dtype()), ShapeName(leaf.shape()),
                          Leaf::Rate_Name(leaf.rate()));
  }
  return text;
}

}  // namespace drover
