#ifndef DROVER_REPLAY_WAIT_LIST_H_
#define DROVER_REPLAY_WAIT_LIST_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <vector>

#include "common/wait_meter.h"

namespace drover {

// Called when what was refused may be tried again; it may be refused again. It runs on the
// thread that made room, inside that call but without any lock of replay/, and perhaps before the
// call that left it returns: it may call everything, must not block, and must cope with locks that
// this thread holds already.
using Wake = std::function<void()>;

// Those whom a rate limiter holds back, in the order in which they came, and since when. Either all
// of them are woken as they may go on (Take), or it is a line, whose first one keeps its place
// until it gives that up (CallFirst). Bounded by its users: who is in it does nothing else
// meanwhile. Not thread-safe; time is passed in.
class WaitList {
 public:
  using Time = WaitMeter::Time;
  using Ticket = uint64_t;  // 0: none

  // Someone waits until `items` may pass.
  Ticket Add(uint64_t items, Wake wake, Time now);
  // Gives up. False: it is not there, since its Wake was taken; that may run yet.
  bool Cancel(Ticket ticket, Time now);

  // Those who wait: i = 0 … size()-1, in order.
  size_t size() const { return waiting_.size(); }
  uint64_t items(size_t i) const { return waiting_[i].items; }
  // The i-th waits no longer.
  Wake Take(size_t i, Time now);

  bool IsFirst(Ticket ticket) const;
  // The first one's Wake; none: it was called already, and has not been refused since.
  Wake CallFirst();
  // Was refused again, and keeps its place. False: it is not there.
  bool Stay(Ticket ticket, uint64_t items, const Wake& wake);

  const WaitMeter& meter() const { return meter_; }

 private:
  struct Waiting {
    Ticket ticket;
    uint64_t items;
    Wake wake;
    bool called = false;
  };

  std::vector<Waiting>::iterator Find(Ticket ticket);

  std::vector<Waiting> waiting_;
  Ticket next_ = 1;
  WaitMeter meter_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_WAIT_LIST_H_
