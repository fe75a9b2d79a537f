#ifndef DROVER_COMMON_QUEUE_H_
#define DROVER_COMMON_QUEUE_H_

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <utility>

#include "common/check.h"
#include "common/mutex.h"
#include "common/wait_meter.h"

namespace drover {

// How long a queue's users have been blocked, in seconds (see WaitMeter).
struct QueueWaits {
  double push_total = 0;    // the queue was full
  double push_current = 0;  // > 0: a producer is blocked now
  double pop_total = 0;     // the queue was empty
  double pop_current = 0;
};

// A bounded first-in-first-out queue between threads; all calls are thread-safe. Items are
// counted, whatever their size. Once closed it takes no more, and what it holds can still be
// popped.
template <typename T>
class Queue {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  explicit Queue(size_t capacity) : capacity_(capacity) { DROVER_CHECK(capacity > 0); }

  // Waits for room. False: closed, or no room by the deadline; then `item` is as it was.
  bool Push(T&& item, Time deadline = Time::max()) {
    MutexLock lock(&mutex_);
    if (items_.size() >= capacity_ && !closed_ && Clock::now() < deadline) {
      push_waits_.Begin(Clock::now());
      while (items_.size() >= capacity_ && !closed_ && popped_.WaitUntil(&mutex_, deadline)) {
      }
      push_waits_.End(Clock::now());
    }
    if (items_.size() >= capacity_ || closed_) return false;
    items_.push_back(std::move(item));
    pushed_.NotifyOne();
    return true;
  }

  // Push that does not wait.
  bool TryPush(T&& item) { return Push(std::move(item), Time::min()); }

  // Waits for an item. Nothing: closed and empty (see closed()), or none came by the deadline.
  std::optional<T> Pop(Time deadline = Time::max()) {
    MutexLock lock(&mutex_);
    if (items_.empty() && !closed_ && Clock::now() < deadline) {
      pop_waits_.Begin(Clock::now());
      while (items_.empty() && !closed_ && pushed_.WaitUntil(&mutex_, deadline)) {
      }
      pop_waits_.End(Clock::now());
    }
    if (items_.empty()) return std::nullopt;
    std::optional<T> item(std::move(items_.front()));
    items_.pop_front();
    popped_.NotifyOne();
    return item;
  }

  // Pop that does not wait.
  std::optional<T> TryPop() { return Pop(Time::min()); }

  // Wakes all who wait. May be repeated.
  void Close() {
    MutexLock lock(&mutex_);
    closed_ = true;
    pushed_.NotifyAll();
    popped_.NotifyAll();
  }

  bool closed() const {
    MutexLock lock(&mutex_);
    return closed_;
  }

  size_t size() const {
    MutexLock lock(&mutex_);
    return items_.size();
  }

  size_t capacity() const { return capacity_; }

  QueueWaits waits() const {
    MutexLock lock(&mutex_);
    const Time now = Clock::now();
    return {push_waits_.TotalSeconds(now), push_waits_.CurrentSeconds(now),
            pop_waits_.TotalSeconds(now), pop_waits_.CurrentSeconds(now)};
  }

 private:
  const size_t capacity_;
  mutable Mutex mutex_;
  CondVar pushed_;
  CondVar popped_;
  std::deque<T> items_ DROVER_GUARDED_BY(mutex_);
  bool closed_ DROVER_GUARDED_BY(mutex_) = false;
  WaitMeter push_waits_ DROVER_GUARDED_BY(mutex_);
  WaitMeter pop_waits_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_COMMON_QUEUE_H_
