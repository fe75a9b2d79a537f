#include "replay/sum_tree.h"

#include <algorithm>
#include <array>

namespace drover {
namespace {

constexpr size_t kLanes = 16;  // searches that go down side by side

// Of one node's children, in an order that a vector unit likes.
double Sum(const double* of) {
  return ((of[0] + of[4]) + (of[2] + of[6])) + ((of[1] + of[5]) + (of[3] + of[7]));
}

// The child that `mass` falls into; takes off the weight of those before it. Without a branch, as
// none could be foretold. What rounding puts behind the last child falls into the last that weighs
// anything.
uint32_t Child(const double* of, double* mass) {
  double before = 0;
  double sum = 0;
  uint32_t child = 0;
  for (uint32_t i = 0; i < 7; ++i) {
    sum += of[i];
    const bool behind = *mass >= sum;
    child += behind ? 1 : 0;
    before = behind ? sum : before;
  }
  *mass -= before;
  if (__builtin_expect(of[child] > 0, 1)) return child;
  while (child > 0 && !(of[child] > 0)) --child;
  *mass = of[child];
  return child;
}

}  // namespace

SumTree::SumTree(uint32_t capacity) : capacity_(capacity) {
  size_t size = capacity;
  while (size > 1 || levels_.empty()) {
    const size_t nodes = (size + kFanOut - 1) / kFanOut;
    levels_.emplace_back(nodes * kFanOut);
    size = nodes;
  }
  levels_.emplace_back(1);
}

void SumTree::Set(absl::Span<const uint32_t> slots, absl::Span<const double> weights) {
  double* weight = levels_.front().data();
  for (const uint32_t slot : slots) __builtin_prefetch(weight + slot, 1);
  for (size_t i = 0; i < slots.size(); ++i) weight[slots[i]] = weights[i];
  uint32_t shift = 0;
  for (size_t level = 1; level < levels_.size(); ++level) {
    const double* children = levels_[level - 1].data();
    ZeroedArray<double>& sums = levels_[level];
    shift += 3;
    if (levels_[level - 1].size() / kFanOut <= slots.size()) {  // most have changed: all of them
      for (size_t node = 0; node < levels_[level - 1].size() / kFanOut; ++node) {
        sums[node] = Sum(children + node * kFanOut);
      }
      continue;
    }
    for (const uint32_t slot : slots) {
      const size_t node = slot >> shift;
      sums[node] = Sum(children + node * kFanOut);
    }
  }
}

uint32_t SumTree::Find(double mass) const {
  uint32_t slot = 0;
  Find({&mass, 1}, {&slot, 1});
  return slot;
}

void SumTree::Find(absl::Span<const double> masses, absl::Span<uint32_t> slots) const {
  for (size_t first = 0; first < masses.size(); first += kLanes) {
    const size_t lanes = std::min(kLanes, masses.size() - first);
    std::array<double, kLanes> mass;
    std::array<uint32_t, kLanes> at{};
    for (size_t i = 0; i < lanes; ++i) mass[i] = std::max(0.0, masses[first + i]);
    for (size_t level = levels_.size() - 1; level-- > 0;) {
      const double* children = levels_[level].data();
      for (size_t i = 0; i < lanes; ++i) {
        at[i] = at[i] * kFanOut + Child(children + size_t{at[i]} * kFanOut, &mass[i]);
        if (level > 0) __builtin_prefetch(levels_[level - 1].data() + size_t{at[i]} * kFanOut);
      }
    }
    for (size_t i = 0; i < lanes; ++i) slots[first + i] = at[i];
  }
}

}  // namespace drover
