#ifndef DROVER_COMMON_MUTEX_H_
#define DROVER_COMMON_MUTEX_H_

#include <chrono>
#include <condition_variable>
#include <mutex>

// std::mutex and std::condition_variable under clang's thread-safety annotations, so that the
// compiler refuses to touch a guarded field without its lock:
//
//   Mutex mutex_;
//   CondVar changed_;
//   int count_ DROVER_GUARDED_BY(mutex_) = 0;
//
//   MutexLock lock(&mutex_);
//   while (count_ == 0) changed_.Wait(&mutex_);
//
// Not absl::Mutex: Debian's library has no ThreadSanitizer hooks.

// On a field: only with this mutex held. On a pointer: what it points to.
#define DROVER_GUARDED_BY(mutex) __attribute__((guarded_by(mutex)))
#define DROVER_PT_GUARDED_BY(mutex) __attribute__((pt_guarded_by(mutex)))
// On a function: to be called with, or without, these mutexes held.
#define DROVER_REQUIRES(...) __attribute__((requires_capability(__VA_ARGS__)))
#define DROVER_EXCLUDES(...) __attribute__((locks_excluded(__VA_ARGS__)))
// On a function: it takes, or gives back, these mutexes (without arguments: this one).
#define DROVER_ACQUIRE(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define DROVER_TRY_ACQUIRE(...) __attribute__((try_acquire_capability(__VA_ARGS__)))
#define DROVER_RELEASE(...) __attribute__((release_capability(__VA_ARGS__)))
// On a mutex: the order in which they are taken.
#define DROVER_ACQUIRED_BEFORE(...) __attribute__((acquired_before(__VA_ARGS__)))
#define DROVER_ACQUIRED_AFTER(...) __attribute__((acquired_after(__VA_ARGS__)))
// On a function whose locking the analysis cannot follow; say why.
#define DROVER_NO_THREAD_SAFETY_ANALYSIS __attribute__((no_thread_safety_analysis))

namespace drover {

// Not recursive.
class __attribute__((capability("mutex"))) Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() DROVER_ACQUIRE() { mutex_.lock(); }
  void Unlock() DROVER_RELEASE() { mutex_.unlock(); }
  bool TryLock() DROVER_TRY_ACQUIRE(true) { return mutex_.try_lock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

// Holds a mutex for as long as it lives.
class __attribute__((scoped_lockable)) MutexLock {
 public:
  explicit MutexLock(Mutex* mutex) DROVER_ACQUIRE(mutex) : mutex_(mutex) { mutex_->Lock(); }
  ~MutexLock() DROVER_RELEASE() { mutex_->Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex* const mutex_;
};

// To wait for a change of what a mutex guards. Waits give the mutex back meanwhile and may return
// for no reason: test the condition in a loop.
class CondVar {
 public:
  using Time = std::chrono::steady_clock::time_point;

  CondVar() = default;
  CondVar(const CondVar&) = delete;
  CondVar& operator=(const CondVar&) = delete;

  void Wait(Mutex* mutex) DROVER_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }

  // False: the deadline has passed. Time::max() never does.
  bool WaitUntil(Mutex* mutex, Time deadline) DROVER_REQUIRES(mutex) {
    std::unique_lock<std::mutex> lock(mutex->mutex_, std::adopt_lock);
    const std::cv_status status = condition_.wait_until(lock, deadline);
    lock.release();
    return status == std::cv_status::no_timeout;
  }

  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

}  // namespace drover

#endif  // DROVER_COMMON_MUTEX_H_
