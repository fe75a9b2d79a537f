#include "replay/uniform_selector.h"

#include <algorithm>

namespace drover {

void UniformSelector::Insert(uint32_t slot, double /*priority*/) {
  slots_[size_] = slot;
  place_[slot] = size_;
  ++size_;
}

void UniformSelector::Erase(uint32_t slot) {
  const uint32_t last = slots_[--size_];
  slots_[place_[slot]] = last;
  place_[last] = place_[slot];
}

Draw UniformSelector::Sample(double uniform) const {
  const auto place = static_cast<uint32_t>(uniform * size_);
  return {slots_[std::min(place, size_ - 1)], 1.0 / size_};
}

}  // namespace drover
