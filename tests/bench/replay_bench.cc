// The replay store without gRPC, one thread: its sum tree of a million slots, and a prioritized
// table of a million items of one step and 400 bytes, 64 in a message, as `drover bench replay` has
// them. Items a second.

#include <benchmark/benchmark.h>

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "common/check.h"
#include "common/file.h"
#include "common/random.h"
#include "replay/checkpoint.h"
#include "replay/store.h"
#include "replay/sum_tree.h"
#include "replay/window.h"

namespace drover {
namespace {

constexpr uint32_t kMillion = 1'000'000;

// ---- The sum tree.

struct RandomTree {
  RandomTree() {
    for (uint32_t slot = 0; slot < kMillion; ++slot) tree.Set(slot, random.Uniform());
    for (uint32_t& slot : slots) slot = static_cast<uint32_t>(random.Below(kMillion));
    for (double& weight : weights) weight = random.Uniform();
    for (double& mass : masses) mass = random.Uniform(0, tree.total());
  }

  Random random = Random({1});
  SumTree tree = SumTree(kMillion);
  std::vector<uint32_t> slots = std::vector<uint32_t>(1 << 20);
  std::vector<double> weights = std::vector<double>(1 << 20);
  std::vector<double> masses = std::vector<double>(1 << 20);
};

RandomTree& TheTree() {
  static auto* const tree = new RandomTree();
  return *tree;
}

void SumTreeSet(benchmark::State& state) {
  RandomTree& the = TheTree();
  const auto batch = static_cast<size_t>(state.range(0));
  size_t next = 0;
  for (auto unused : state) {
    the.tree.Set({&the.slots[next], batch}, {&the.weights[next], batch});
    next = (next + batch) % the.slots.size();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(SumTreeSet)->Arg(1)->Arg(64)->Arg(256);

void SumTreeFind(benchmark::State& state) {
  RandomTree& the = TheTree();
  const auto batch = static_cast<size_t>(state.range(0));
  std::vector<uint32_t> slots(batch);
  size_t next = 0;
  for (auto unused : state) {
    the.tree.Find({&the.masses[next], batch}, absl::MakeSpan(slots));
    benchmark::DoNotOptimize(slots.data());
    next = (next + batch) % the.masses.size();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(SumTreeFind)->Arg(1)->Arg(64)->Arg(256);

// ---- The store.

constexpr uint32_t kSteps = 1;
constexpr uint32_t kEnvironments = 64;
constexpr int kNumbers = 47;  // of an observation: 2 * 47 * 4 + 4 + 4 + 1 are about 400 bytes

Spec BenchSpec() {
  Spec spec;
  spec.set_protocol_version(1);
  spec.set_steps(kSteps);
  const auto add = [&](const char* name, DType::Kind dtype, Leaf::Rate rate, int numbers) {
    Leaf* leaf = spec.add_leaves();
    leaf->set_name(name);
    leaf->set_dtype(dtype);
    leaf->set_rate(rate);
    if (numbers > 0) leaf->add_shape(numbers);
  };
  add("observation", DType::float32, Leaf::per_observation, kNumbers);
  add("action", DType::float32, Leaf::per_step, 1);
  add("reward", DType::float32, Leaf::per_step, 0);
  add("end", DType::uint8, Leaf::per_step, 0);
  add("final_observation", DType::float32, Leaf::sparse, kNumbers);
  return spec;
}

// A writer and its store.
struct BenchStore {
  BenchStore() {
    TableOptions options;
    options.name = "replay";
    options.sampler = SelectorConfig::prioritized;
    options.capacity = kMillion;
    store = *Store::Make({*UnrollLayout::Make(BenchSpec()), {options}, 1ULL << 60, 0, 1});
    environments.resize(kEnvironments);
    std::iota(environments.begin(), environments.end(), 0);
    first_steps.resize(kEnvironments);
    while (store->frames() < kMillion + kEnvironments) Insert(Message());
  }

  static std::unique_ptr<Unrolls> Message() {
    auto unrolls = std::make_unique<Unrolls>();
    const auto layout = *UnrollLayout::Make(BenchSpec());
    for (size_t leaf = 0; leaf < layout.leaves(); ++leaf) {
      const size_t values = layout.Values(leaf, kEnvironments, 0);
      unrolls->add_columns(std::string(values * layout.value_bytes(leaf), '\0'));
    }
    unrolls->add_versions();
    return unrolls;
  }

  void Insert(std::unique_ptr<Unrolls> unrolls) {
    Insertion insertion;
    insertion.member = 1;
    insertion.environments = kEnvironments;
    insertion.unrolls = std::move(unrolls);
    insertion.unrolls->set_sequence(++sequence);
    insertion.items.push_back({0, environments, first_steps, {}});
    Store::Ticket ticket;
    const auto verdict = store->Insert(
        &insertion, [] {}, &ticket);
    DROVER_CHECK(verdict.ok() && *verdict == Store::Verdict::kStored);
  }

  std::unique_ptr<Store> store;
  uint64_t sequence = 0;
  std::vector<uint32_t> environments;
  std::vector<int32_t> first_steps;
};

BenchStore& TheStore() {
  static auto* const store = new BenchStore();
  return *store;
}

void StoreInsert(benchmark::State& state) {
  BenchStore& the = TheStore();
  for (auto unused : state) {
    state.PauseTiming();
    std::vector<std::unique_ptr<Unrolls>> messages(1000);
    for (auto& message : messages) message = BenchStore::Message();
    state.ResumeTiming();
    for (auto& message : messages) the.Insert(std::move(message));
  }
  state.SetItemsProcessed(state.iterations() * 1000 * kEnvironments);
}
BENCHMARK(StoreInsert);

void TableSample(benchmark::State& state) {
  Table& table = TheStore().store->table(0);
  SampledBatch batch(kSteps);
  for (auto unused : state) {
    DROVER_CHECK(table.TrySample(static_cast<uint64_t>(state.range(0)), &batch));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(TableSample)->Arg(64)->Arg(256);

// Sampled and copied into columns.
void SampleAndAssemble(benchmark::State& state) {
  Store& store = *TheStore().store;
  const auto items = static_cast<size_t>(state.range(0));
  SampledBatch batch(kSteps);
  const WindowAssembler assembler(&store.layout(), 1);
  std::vector<Final> finals;
  std::vector<std::vector<char>> columns;
  std::vector<char*> places;
  for (size_t leaf = 0; leaf < store.layout().leaves(); ++leaf) {
    columns.emplace_back(assembler.ColumnBytes(leaf, items, 0));
    places.push_back(columns.back().data());
  }
  for (auto unused : state) {
    DROVER_CHECK(store.table(0).TrySample(items, &batch));
    assembler.FindFinals(batch.windows, &finals);
    assembler.Assemble(batch.windows, finals, places);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(SampleAndAssemble)->Arg(64)->Arg(256);

void UpdatePriorities(benchmark::State& state) {
  Table& table = TheStore().store->table(0);
  Random random({2});
  const auto items = static_cast<size_t>(state.range(0));
  SampledBatch batch(kSteps);
  std::vector<uint64_t> keys;
  std::vector<float> priorities(items);
  for (int i = 0; i < 1000; ++i) {
    DROVER_CHECK(table.TrySample(items, &batch));
    keys.insert(keys.end(), batch.keys.begin(), batch.keys.end());
  }
  size_t next = 0;
  for (auto unused : state) {
    for (float& priority : priorities) priority = random.UniformFloat();
    DROVER_CHECK(table.UpdatePriorities({&keys[next], items}, priorities).ok());
    next = (next + items) % keys.size();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(UpdatePriorities)->Arg(64)->Arg(256);

// `blocked`: how long inserts wait for it, in milliseconds.
void StoreSnapshotOfAMillion(benchmark::State& state) {
  double blocked = 0;
  for (auto unused : state) {
    blocked = std::max(blocked, TheStore().store->Snapshot().blocked_seconds);
  }
  state.counters["blocked_ms"] = 1000 * blocked;
}
BENCHMARK(StoreSnapshotOfAMillion)->Unit(benchmark::kMillisecond);

void StoreCheckpointOfAMillion(benchmark::State& state) {
  const auto directory = *TempDirectory::Make();
  StoreCheckpointReport report;
  for (auto unused : state) {
    report = *WriteStoreCheckpoint(*TheStore().store, 1, directory.path(), 1);
  }
  state.counters["blocked_ms"] = 1000 * report.blocked_seconds;
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(report.bytes));
}
BENCHMARK(StoreCheckpointOfAMillion)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace drover
