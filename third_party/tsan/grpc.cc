// gRPC as ThreadSanitizer should see it. Only the tsan configuration links this.
//
// Debian's gRPC and Abseil are not instrumented. gRPC's threads hand objects to each other under
// absl::Mutex, which sleeps on a futex: ThreadSanitizer would see no order between the two, and
// report a race in gRPC's headers and in our reactors. So the functions of absl::Mutex here stand
// before the library's and tell it. The price: gRPC locks often, so a race between two reactors
// shows only where they run at once; a test of it needs a few thousand calls, not ten.
#include <dlfcn.h>
#include <sanitizer/tsan_interface.h>

#include <cstdlib>

#include "absl/synchronization/mutex.h"

namespace {

template <typename Function>
Function* Real(const char* name) {
  void* found = dlsym(RTLD_NEXT, name);
  if (found == nullptr) std::abort();  // another Abseil: its names have changed
  return reinterpret_cast<Function*>(found);
}

}  // namespace

// The library's own, found once.
#define REAL(type, name) static auto* const real = Real<type>("_ZN4absl7debian3" name)

namespace absl {
ABSL_NAMESPACE_BEGIN

void Mutex::Lock() {
  REAL(void(Mutex*), "5Mutex4LockEv");
  real(this);
  __tsan_acquire(this);
}

void Mutex::ReaderLock() {
  REAL(void(Mutex*), "5Mutex10ReaderLockEv");
  real(this);
  __tsan_acquire(this);
}

bool Mutex::TryLock() {
  REAL(bool(Mutex*), "5Mutex7TryLockEv");
  const bool locked = real(this);
  if (locked) __tsan_acquire(this);
  return locked;
}

void Mutex::Unlock() {
  REAL(void(Mutex*), "5Mutex6UnlockEv");
  __tsan_release(this);
  real(this);
}

void Mutex::ReaderUnlock() {
  REAL(void(Mutex*), "5Mutex12ReaderUnlockEv");
  __tsan_release(this);
  real(this);
}

void CondVar::Wait(Mutex* mutex) {
  REAL(void(CondVar*, Mutex*), "7CondVar4WaitEPNS0_5MutexE");
  __tsan_release(mutex);
  real(this, mutex);
  __tsan_acquire(mutex);
}

bool CondVar::WaitWithTimeout(Mutex* mutex, Duration timeout) {
  REAL(bool(CondVar*, Mutex*, Duration), "7CondVar15WaitWithTimeoutEPNS0_5MutexENS0_8DurationE");
  __tsan_release(mutex);
  const bool expired = real(this, mutex, timeout);
  __tsan_acquire(mutex);
  return expired;
}

bool CondVar::WaitWithDeadline(Mutex* mutex, Time deadline) {
  REAL(bool(CondVar*, Mutex*, Time), "7CondVar16WaitWithDeadlineEPNS0_5MutexENS0_4TimeE");
  __tsan_release(mutex);
  const bool expired = real(this, mutex, deadline);
  __tsan_acquire(mutex);
  return expired;
}

ABSL_NAMESPACE_END
}  // namespace absl

// What is handed on without a lock, from an operation's start to its end, is gRPC's alone. None of
// our code runs below these, so that races in reactors are still found.
extern "C" const char* __tsan_default_suppressions() {  // NOLINT: its name
  return "race:^grpc::internal::CallOpSet<*>::FinalizeResult(\n"
         "race:^grpc::internal::CallOpSet<*>::~CallOpSet()\n"
         // A call's memory comes from an arena; its count of references is an atomic.
         "race:^grpc::internal::ServerCallbackCall::Unref()\n"
         "race:^~ServerUnaryReactor\n"  // when a call is cancelled, gRPC hands it on by atomics
         "race:^grpc::ServerUnaryReactor::~ServerUnaryReactor\n"
         "race:^grpc::internal::Callback*Handler<*>::ServerCallback*Impl::Finish(\n"
         // A stream that is cancelled, likewise. Only where the access itself is in these headers:
         // reactors run below them. The price: a race for a std::function of ours is not seen.
         "race_top:grpcpp/support/callback_common.h\n"
         "race_top:grpcpp/impl/codegen/server_callback_handlers.h\n"
         "race_top:bits/std_function.h\n";
}
