#include "common/signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <utility>

#include "common/check.h"

namespace drover {
namespace {

constexpr int kInterruptedExit = 128 + SIGINT;  // as shells report it

sigset_t StopSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  return signals;
}

}  // namespace

StopSignal::StopSignal() {
  const sigset_t signals = StopSignals();
  DROVER_CHECK(pthread_sigmask(SIG_BLOCK, &signals, nullptr) == 0);
  watch_ = std::make_unique<FdWatch>(UniqueFd(signalfd(-1, &signals, SFD_CLOEXEC)),
                                     [this](int fd) { return OnSignal(fd); });
}

StopSignal::~StopSignal() { watch_.reset(); }

bool StopSignal::OnSignal(int fd) {
  signalfd_siginfo info{};
  if (read(fd, &info, sizeof(info)) != sizeof(info)) return errno == EINTR;
  const bool interrupt = info.ssi_signo == SIGINT;
  if (interrupt && interrupted_) _exit(kInterruptedExit);
  interrupted_ = interrupted_ || interrupt;
  Request(interrupt ? "SIGINT" : "SIGTERM");
  return true;
}

std::string StopSignal::reason() const {
  MutexLock lock(&mutex_);
  return reason_;
}

bool StopSignal::WaitUntil(Time deadline) const {
  MutexLock lock(&mutex_);
  while (!requested() && changed_.WaitUntil(&mutex_, deadline)) {
  }
  return requested();
}

void StopSignal::Request(const std::string& reason) {
  std::vector<std::function<void()>> callbacks;
  {
    MutexLock lock(&mutex_);
    if (requested()) return;
    reason_ = reason;
    requested_.store(true, std::memory_order_release);
    callbacks.swap(callbacks_);
    changed_.NotifyAll();
  }
  for (const auto& callback : callbacks) callback();
}

void StopSignal::OnRequest(std::function<void()> callback) {
  {
    MutexLock lock(&mutex_);
    if (!requested()) {
      callbacks_.push_back(std::move(callback));
      return;
    }
  }
  callback();
}

}  // namespace drover
