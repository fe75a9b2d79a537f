#include "replay/selector.h"

#include "common/check.h"
#include "replay/heap_selector.h"
#include "replay/order_selector.h"
#include "replay/prioritized_selector.h"
#include "replay/uniform_selector.h"

namespace drover {

void Selector::InsertAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities) {
  for (size_t i = 0; i < slots.size(); ++i) Insert(slots[i], static_cast<double>(priorities[i]));
}

void Selector::UpdateAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities) {
  for (size_t i = 0; i < slots.size(); ++i) Update(slots[i], static_cast<double>(priorities[i]));
}

void Selector::ReplaceAll(absl::Span<const uint32_t> slots, absl::Span<const float> priorities) {
  for (size_t i = 0; i < slots.size(); ++i) {
    Erase(slots[i]);
    Insert(slots[i], static_cast<double>(priorities[i]));
  }
}

void Selector::SampleAll(absl::Span<const double> uniforms, absl::Span<Draw> draws) const {
  for (size_t i = 0; i < uniforms.size(); ++i) draws[i] = Sample(uniforms[i]);
}

std::unique_ptr<Selector> MakeSelector(SelectorConfig::Kind kind, double exponent,
                                       uint32_t capacity) {
  switch (kind) {
    case SelectorConfig::uniform:
      return std::make_unique<UniformSelector>(capacity);
    case SelectorConfig::fifo:
      return std::make_unique<OrderSelector>(OrderSelector::Which::kOldest, capacity);
    case SelectorConfig::lifo:
      return std::make_unique<OrderSelector>(OrderSelector::Which::kNewest, capacity);
    case SelectorConfig::prioritized:
      return std::make_unique<PrioritizedSelector>(exponent, capacity);
    case SelectorConfig::max_priority:
      return std::make_unique<HeapSelector>(HeapSelector::Top::kLargest, capacity);
    case SelectorConfig::min_priority:
      return std::make_unique<HeapSelector>(HeapSelector::Top::kSmallest, capacity);
    default:
      DROVER_CHECK(false) << "a selector of kind " << kind;
      return nullptr;
  }
}

}  // namespace drover
