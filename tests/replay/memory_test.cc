// What a stored item takes beside its payload, by the allocator's own account.

#include <gtest/gtest.h>
#include <malloc.h>

#include <iostream>
#include <tuple>
#include <vector>

#include "replay/store.h"

namespace drover {
namespace {

constexpr uint32_t kItems = 96 * 1024;

size_t AllocatedBytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

Spec SpecOf(uint32_t steps) {
  Spec spec;
  spec.set_protocol_version(1);
  spec.set_steps(steps);
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

// Messages of so many environments with an item for each of their steps, parsed from bytes, as
// those of a stream are.
void Fill(Store* store, uint32_t environments) {
  Unrolls message;
  for (size_t leaf = 0; leaf < store->layout().leaves(); ++leaf) {
    const size_t values = store->layout().Values(leaf, environments, 0);
    message.add_columns(std::string(values * store->layout().value_bytes(leaf), '\0'));
  }
  message.add_versions()->set_version(1);
  std::vector<uint32_t> environment;
  std::vector<int32_t> first_step;
  for (uint32_t step = 0; step < store->layout().steps(); ++step) {
    for (uint32_t e = 0; e < environments; ++e) {
      environment.push_back(e);
      first_step.push_back(static_cast<int32_t>(step));
    }
  }
  for (uint32_t sequence = 1; sequence * environment.size() <= kItems; ++sequence) {
    message.set_sequence(sequence);
    Insertion insertion;
    insertion.member = 1;
    insertion.environments = environments;
    insertion.unrolls = std::make_unique<Unrolls>();
    ASSERT_TRUE(insertion.unrolls->ParseFromString(message.SerializeAsString()));
    insertion.items.push_back({0, environment, first_step, {}});
    Store::Ticket ticket;
    ASSERT_EQ(*store->Insert(
                  &insertion, [] {}, &ticket),
              Store::Verdict::kStored);
  }
}

using Parameters = std::tuple<SelectorConfig::Kind, uint32_t, uint32_t>;
class MemoryTest : public ::testing::TestWithParam<Parameters> {};

TEST_P(MemoryTest, AnItemTakesAtMost64BytesBesideItsPayload) {
  const auto [remover, steps, environments] = GetParam();
  TableOptions options;
  options.name = "t";
  options.sampler = SelectorConfig::prioritized;
  options.remover = remover;
  options.capacity = kItems;
  const size_t before = AllocatedBytes();
  const auto store =
      *Store::Make({*UnrollLayout::Make(SpecOf(steps)), {options}, uint64_t{1} << 60, 0, 1});
  Fill(store.get(), environments);
  const uint64_t payload = store->counters().payload_bytes;
  const uint64_t items = store->table(0).status().size;
  const uint64_t all_steps = uint64_t{steps} * environments;
  const uint64_t observations = all_steps + environments;
  EXPECT_EQ(payload, store->counters().chunks * (observations * 48 * 4 + all_steps * 13));
  const double beside =
      static_cast<double>(AllocatedBytes() - before - payload) / static_cast<double>(items);
  RecordProperty("bytes_beside_payload", std::to_string(beside));
  std::cout << "bytes beside payload: " << beside << std::endl;
  // A message of one item has all to itself that others share. A heap takes 4 bytes more than a
  // ring.
  const int most = all_steps == 1 ? 104 : 64;
  EXPECT_LE(beside, remover == SelectorConfig::fifo ? most : most + 4);
  EXPECT_GT(beside, 32);  // a slot alone is that large
}

INSTANTIATE_TEST_SUITE_P(
    Shapes, MemoryTest,
    ::testing::Combine(::testing::Values(SelectorConfig::fifo, SelectorConfig::min_priority),
                       ::testing::Values(1, 4, 20), ::testing::Values(1, 16, 64)));

}  // namespace
}  // namespace drover
