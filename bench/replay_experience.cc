#include "bench/replay_experience.h"

#include <algorithm>
#include <string>

#include "common/random.h"
#include "common/spec.h"

namespace drover {
namespace {

constexpr char kRunId[] = "bench";
constexpr uint64_t kEpoch = 1;
constexpr size_t kMessageBytes = size_t{1} << 20;
constexpr size_t kMostItems = 1024;
constexpr uint32_t kMostEnvironments = 64;
constexpr size_t kLargeItem = 4096;

}  // namespace

MemberTable ReplayBenchMembers() {
  MemberTable table;
  table.set_run_id(kRunId);
  table.set_version(1);
  for (uint64_t id = 1; id <= 2 * kReplayBenchClients; ++id) {
    Member* member = table.add_members();
    member->set_member_id(id);
    member->set_epoch(kEpoch);
    member->set_role(id <= kReplayBenchClients ? Role::actor : Role::learner);
  }
  return table;
}

Identity ReplayBenchIdentity(uint64_t member) { return {kRunId, member, kEpoch, 1}; }

ReplayShape::ReplayShape(size_t bytes) : item_bytes(bytes) {
  const size_t most = std::clamp<size_t>(kMessageBytes / bytes, 1, kMostItems);
  environments = static_cast<uint32_t>(std::min<size_t>(most, kMostEnvironments));
  steps = static_cast<uint32_t>(most / environments);
}

Spec ReplayBenchSpec(const ReplayShape& shape) {
  Spec spec;
  spec.set_protocol_version(kProtocolVersion);
  spec.set_steps(shape.steps);
  const auto add = [&](const char* name, DType::Kind dtype, int64_t size) {
    Leaf* leaf = spec.add_leaves();
    leaf->set_name(name);
    leaf->set_dtype(dtype);
    leaf->set_rate(Leaf::per_step);
    if (size > 0) leaf->add_shape(size);
  };
  const auto bytes = static_cast<int64_t>(shape.item_bytes);
  const bool large = shape.item_bytes >= kLargeItem;
  add("data", large ? DType::uint8 : DType::float32, large ? bytes - 4 : bytes / 4 - 1);
  add("action", DType::uint8, 3);
  add("end", DType::uint8, 0);
  return spec;
}

InsertRequest ReplayBenchMessage(const ReplayShape& shape, uint64_t seed) {
  Random random({seed});
  const size_t items = shape.items();
  InsertRequest request;
  Unrolls* unrolls = request.mutable_unrolls();
  std::string data(items * (shape.item_bytes - 4), '\0');
  for (char& byte : data) byte = static_cast<char>(random.Below(64));  // never the bits of a NaN
  unrolls->add_columns(std::move(data));
  unrolls->add_columns(std::string(items * 3, '\1'));
  unrolls->add_columns(std::string(items, '\0'));
  unrolls->add_versions()->set_version(1);
  TableItems* table = request.add_items();
  table->set_table(kReplayBenchTable);
  for (uint32_t step = 0; step < shape.steps; ++step) {
    for (uint32_t environment = 0; environment < shape.environments; ++environment) {
      table->add_environments(environment);
      table->add_first_steps(static_cast<int32_t>(step));
      table->add_priorities(random.UniformFloat());
    }
  }
  return request;
}

}  // namespace drover
