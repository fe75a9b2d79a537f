#include "replay/prioritized_selector.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace drover {
namespace {

constexpr double kMinWeight = 1e-300;
constexpr size_t kBlock = 64;  // done at once, without allocating

}  // namespace

double PrioritizedSelector::Weight(double priority) {
  if (priority != last_priority_ || last_weight_ == 0) {
    last_priority_ = priority;
    last_weight_ = std::clamp(std::pow(priority, exponent_), kMinWeight, kMaxWeight);
  }
  return last_weight_;
}

void PrioritizedSelector::UpdateAll(absl::Span<const uint32_t> slots,
                                    absl::Span<const float> priorities) {
  std::array<double, kBlock> weights;
  for (size_t first = 0; first < slots.size(); first += kBlock) {
    const size_t count = std::min(kBlock, slots.size() - first);
    for (size_t i = 0; i < count; ++i) {
      weights[i] = Weight(static_cast<double>(priorities[first + i]));
    }
    tree_.Set(slots.subspan(first, count), {weights.data(), count});
  }
}

Draw PrioritizedSelector::Sample(double uniform) const {
  Draw draw;
  SampleAll({&uniform, 1}, {&draw, 1});
  return draw;
}

void PrioritizedSelector::SampleAll(absl::Span<const double> uniforms,
                                    absl::Span<Draw> draws) const {
  std::array<double, kBlock> masses;
  std::array<uint32_t, kBlock> slots;
  const double total = tree_.total();
  for (size_t first = 0; first < uniforms.size(); first += kBlock) {
    const size_t count = std::min(kBlock, uniforms.size() - first);
    for (size_t i = 0; i < count; ++i) masses[i] = uniforms[first + i] * total;
    tree_.Find({masses.data(), count}, {slots.data(), count});
    for (size_t i = 0; i < count; ++i) {
      draws[first + i] = {slots[i], Probability(slots[i])};
    }
  }
}

}  // namespace drover
