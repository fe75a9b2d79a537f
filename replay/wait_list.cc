#include "replay/wait_list.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace drover {

WaitList::Ticket WaitList::Add(uint64_t items, Wake wake, Time now) {
  meter_.Begin(now);
  waiting_.push_back({next_, items, std::move(wake)});
  return next_++;
}

std::vector<WaitList::Waiting>::iterator WaitList::Find(Ticket ticket) {
  return std::find_if(waiting_.begin(), waiting_.end(),
                      [&](const Waiting& waiting) { return waiting.ticket == ticket; });
}

bool WaitList::Cancel(Ticket ticket, Time now) {
  const auto found = Find(ticket);
  if (found == waiting_.end()) return false;
  meter_.End(now);
  waiting_.erase(found);
  return true;
}

Wake WaitList::Take(size_t i, Time now) {
  meter_.End(now);
  Wake wake = std::move(waiting_[i].wake);
  waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  return wake;
}

bool WaitList::IsFirst(Ticket ticket) const {
  return !waiting_.empty() && waiting_.front().ticket == ticket;
}

Wake WaitList::CallFirst() {
  if (waiting_.empty() || std::exchange(waiting_.front().called, true)) return nullptr;
  return waiting_.front().wake;
}

bool WaitList::Stay(Ticket ticket, uint64_t items, const Wake& wake) {
  const auto found = Find(ticket);
  if (found == waiting_.end()) return false;
  *found = {ticket, items, wake};
  return true;
}

}  // namespace drover
