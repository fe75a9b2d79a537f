#include "client/reconnector.h"

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "common/clock.h"
#include "common/random.h"
#include "common/rpc/backoff.h"
#include "spdlog/spdlog.h"

namespace drover {
namespace {

// How long to wait for a server to appear before asking again whether to go on.
constexpr std::chrono::milliseconds kPeerTimeout{500};

// Whether the server would say the same to the same words again.
bool IsFinal(const absl::Status& status) {
  return status.ok() || absl::IsInvalidArgument(status) || absl::IsResourceExhausted(status);
}

}  // namespace

Reconnector::Reconnector(std::string name, PeerFn peer, ServeFn serve,
                         std::function<void(const absl::Status&)> over)
    : name_(std::move(name)),
      peer_(std::move(peer)),
      serve_(std::move(serve)),
      over_(std::move(over)),
      thread_([this] { Run(); }) {}

Reconnector::~Reconnector() { Stop(); }

void Reconnector::RequestStop() {
  {
    MutexLock lock(&mutex_);
    stop_ = true;
  }
  changed_.NotifyAll();
}

bool Reconnector::stop_requested() const {
  MutexLock lock(&mutex_);
  return stop_;
}

void Reconnector::Stop() {
  RequestStop();
  if (thread_.joinable()) thread_.join();
}

bool Reconnector::Sleep(std::chrono::milliseconds time) {
  const auto due = std::chrono::steady_clock::now() + time;
  MutexLock lock(&mutex_);
  while (!stop_ && std::chrono::steady_clock::now() < due) changed_.WaitUntil(&mutex_, due);
  return !stop_;
}

void Reconnector::Run() {
  Backoff backoff(Random({UnixMicros(), static_cast<uint64_t>(getpid())}));
  absl::Status status;
  while (!stop_requested()) {
    const absl::StatusOr<Endpoint> peer = peer_(kPeerTimeout);
    if (!peer.ok() && absl::IsUnavailable(peer.status())) continue;  // it has waited already
    status = peer.ok() ? serve_(*peer, [&backoff] { backoff.Reset(); }) : peer.status();
    if (stop_requested()) return;
    if (!peer.ok() || IsFinal(status)) break;
    spdlog::warn("{}: {}; trying again", name_, status.ToString());
    if (!Sleep(backoff.Next())) return;
  }
  over_(status);
}

}  // namespace drover
