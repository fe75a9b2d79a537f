#ifndef DROVER_TESTS_REPLAY_INSERTIONS_H_
#define DROVER_TESTS_REPLAY_INSERTIONS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "replay/store.h"
#include "tests/replay/chunks.h"

namespace drover::testing {

// Items for a table, with memory of their own.
struct Items {
  size_t table;
  std::vector<uint32_t> environments;
  std::vector<int32_t> first_steps;
  std::vector<float> priorities;
};

// A message of tests/replay/chunks.h. `tables` outlive it.
inline Insertion MakeInsertion(uint64_t member, uint64_t sequence, const std::vector<Items>& tables,
                               uint64_t epoch = 1) {
  Insertion insertion;
  insertion.member = member;
  insertion.epoch = epoch;
  insertion.environments = kEnvironments;
  insertion.unrolls = std::make_unique<Unrolls>(Message(sequence));
  for (const Items& items : tables) {
    insertion.items.push_back(
        {items.table, items.environments, items.first_steps, items.priorities});
  }
  return insertion;
}

inline std::unique_ptr<Store> MakeStore(const std::vector<TableOptions>& tables,
                                        uint64_t max_frames = 1'000'000'000) {
  return *Store::Make(
      {*UnrollLayout::Make(TestSpec()), tables, max_frames, /*shard=*/0, /*seed=*/1});
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_REPLAY_INSERTIONS_H_
