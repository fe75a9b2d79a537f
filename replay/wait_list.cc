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

bool WaitList::Cancel(Ticket ticket, Time now) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const Waiting& waiting) { return waiting.ticket == ticket; });
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

}  // namespace drover
