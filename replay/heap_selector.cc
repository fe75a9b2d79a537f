#include "replay/heap_selector.h"

namespace drover {

void HeapSelector::Insert(uint32_t slot, double priority) {
  rank_[slot] = sign_ * static_cast<float>(priority);
  Put(size_, slot);
  Up(size_++);
}

void HeapSelector::Update(uint32_t slot, double priority) {
  rank_[slot] = sign_ * static_cast<float>(priority);
  Up(place_[slot]);
  Down(place_[slot]);
}

void HeapSelector::Erase(uint32_t slot) {
  const uint32_t last = heap_[--size_];
  if (last == slot) return;
  Put(place_[slot], last);
  Up(place_[last]);
  Down(place_[last]);
}

void HeapSelector::Put(uint32_t place, uint32_t slot) {
  heap_[place] = slot;
  place_[slot] = place;
}

void HeapSelector::Up(uint32_t place) {
  const uint32_t slot = heap_[place];
  while (place > 0) {
    const uint32_t parent = (place - 1) / 2;
    if (rank_[heap_[parent]] >= rank_[slot]) break;
    Put(place, heap_[parent]);
    place = parent;
  }
  Put(place, slot);
}

void HeapSelector::Down(uint32_t place) {
  const uint32_t slot = heap_[place];
  while (true) {
    uint32_t child = 2 * place + 1;
    if (child >= size_) break;
    if (child + 1 < size_ && rank_[heap_[child + 1]] > rank_[heap_[child]]) ++child;
    if (rank_[heap_[child]] <= rank_[slot]) break;
    Put(place, heap_[child]);
    place = child;
  }
  Put(place, slot);
}

}  // namespace drover
