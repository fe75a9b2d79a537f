#include "replay/order_selector.h"

namespace drover {

OrderSelector::OrderSelector(Which which, uint32_t capacity)
    : which_(which), end_(capacity), links_(size_t{capacity} + 1) {
  links_[end_] = {end_, end_};
}

void OrderSelector::Insert(uint32_t slot, double /*priority*/) {
  const uint32_t newest = links_[end_].previous;
  links_[slot] = {newest, end_};
  links_[newest].next = slot;
  links_[end_].previous = slot;
  ++size_;
}

void OrderSelector::Erase(uint32_t slot) {
  const Links links = links_[slot];
  links_[links.previous].next = links.next;
  links_[links.next].previous = links.previous;
  --size_;
}

Draw OrderSelector::Sample(double /*uniform*/) const {
  const Links& end = links_[end_];
  return {which_ == Which::kOldest ? end.next : end.previous, 1};
}

void OrderSelector::Order(std::vector<uint32_t>* slots) const {
  slots->clear();
  slots->reserve(size_);
  for (uint32_t slot = links_[end_].next; slot != end_; slot = links_[slot].next) {
    slots->push_back(slot);
  }
}

}  // namespace drover
