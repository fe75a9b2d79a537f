// What a stored item takes beside its payload, by the allocator's own account.

#include <gtest/gtest.h>
#include <malloc.h>

#include <numeric>
#include <vector>

#include "replay/store.h"

namespace drover {
namespace {

constexpr uint32_t kItems = 256 * 1024;
constexpr uint32_t kEnvironments = 64;

size_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

Spec SpecOf400Bytes() {
  Spec spec;
  spec.set_protocol_version(1);
  spec.set_steps(1);
  const auto add = [&](const char* name, DType::Kind dtype, Leaf::Rate rate, int64_t numbers) {
    Leaf* leaf = spec.add_leaves();
    leaf->set_name(name);
    leaf->set_dtype(dtype);
    leaf->set_rate(rate);
    if (numbers > 0) leaf->add_shape(numbers);
  };
  add("observation", DType::float32, Leaf::per_observation, 48);
  add("action", DType::float32, Leaf::per_step, 1);
  add("log_prob", DType::float32, Leaf::per_step, 0);
  add("reward", DType::float32, Leaf::per_step, 0);
  add("end", DType::uint8, Leaf::per_step, 0);
  add("final_observation", DType::float32, Leaf::sparse, 48);
  return spec;
}

// The messages are parsed from bytes, as those of a stream are.
void Fill(Store* store) {
  Unrolls message;
  for (size_t leaf = 0; leaf < store->layout().leaves(); ++leaf) {
    const size_t values = store->layout().Values(leaf, kEnvironments, 0);
    message.add_columns(std::string(values * store->layout().value_bytes(leaf), '\0'));
  }
  message.add_versions()->set_version(1);
  std::vector<uint32_t> environments(kEnvironments);
  std::iota(environments.begin(), environments.end(), 0);
  const std::vector<int32_t> first_steps(kEnvironments);
  for (uint32_t sequence = 1; sequence <= kItems / kEnvironments; ++sequence) {
    message.set_sequence(sequence);
    Insertion insertion;
    insertion.member = 1;
    insertion.environments = kEnvironments;
    insertion.unrolls = std::make_unique<Unrolls>();
    ASSERT_TRUE(insertion.unrolls->ParseFromString(message.SerializeAsString()));
    insertion.items.push_back({0, environments, first_steps, {}});
    Store::Ticket ticket;
    ASSERT_EQ(*store->Insert(
                  &insertion, [] {}, &ticket),
              Store::Verdict::kStored);
  }
}

class MemoryTest : public ::testing::TestWithParam<SelectorConfig::Kind> {};

TEST_P(MemoryTest, AnItemTakesAtMost64BytesBesideItsPayload) {
  TableOptions options;
  options.name = "t";
  options.sampler = SelectorConfig::prioritized;
  options.remover = GetParam();
  options.capacity = kItems;
  const size_t before = AllocatedBytes();
  const auto store =
      *Store::Make({*UnrollLayout::Make(SpecOf400Bytes()), {options}, uint64_t{1} << 60, 0, 1});
  Fill(store.get());
  const uint64_t payload = store->counters().payload_bytes;
  EXPECT_EQ(payload, kItems * (2 * 48 * 4 + 4 + 4 + 4 + 1ULL));
  const double beside =
      static_cast<double>(AllocatedBytes() - before - payload) / static_cast<double>(kItems);
  RecordProperty("bytes_beside_payload", std::to_string(beside));
  EXPECT_LE(beside, 64);
  EXPECT_GT(beside, 32);  // a slot alone is that large
}

INSTANTIATE_TEST_SUITE_P(Removers, MemoryTest,
                         ::testing::Values(SelectorConfig::fifo, SelectorConfig::min_priority));

}  // namespace
}  // namespace drover
