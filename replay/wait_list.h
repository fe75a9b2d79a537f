#ifndef DROVER_REPLAY_WAIT_LIST_H_
#define DROVER_REPLAY_WAIT_LIST_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "common/wait_meter.h"

namespace drover {

// Called once, when what was refused may be tried again; it may be refused again. It runs on the
// thread that made room, inside its call but without any lock of replay/: it may call everything,
// must not block, and must cope with locks that this thread holds already.
using Wake = std::function<void()>;

// Those whom a rate limiter holds back, in the order in which they came, and since when. Bounded by
// its users: who is in it does nothing else meanwhile. Not thread-safe; time is passed in.
class WaitList {
 public:
  using Time = WaitMeter::Time;
  using Ticket = uint64_t;  // 0: none

  // Someone waits until `items` may pass.
  Ticket Add(uint64_t items, Wake wake, Time now);
  // Gives up. False: it is not there, since its Wake was taken; that may run yet.
  bool Cancel(Ticket ticket, Time now);

  // Takes out those for whom `may_pass(items)` holds, in order, and appends their Wakes.
  template <typename MayPass>
  void TakeReady(const MayPass& may_pass, Time now, std::vector<Wake>* wakes) {
    for (size_t i = 0; i < waiting_.size();) {
      if (may_pass(waiting_[i].items)) {
        wakes->push_back(std::move(waiting_[i].wake));
        Remove(i, now);
      } else {
        ++i;
      }
    }
  }

  size_t size() const { return waiting_.size(); }
  const WaitMeter& meter() const { return meter_; }

 private:
  struct Waiting {
    Ticket ticket;
    uint64_t items;
    Wake wake;
  };

  void Remove(size_t i, Time now);

  std::vector<Waiting> waiting_;
  Ticket next_ = 1;
  WaitMeter meter_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_WAIT_LIST_H_
