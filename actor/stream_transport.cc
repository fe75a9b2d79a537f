#include "actor/stream_transport.h"

#include <chrono>

#include "common/clock.h"
#include "common/status_macros.h"

namespace drover {

absl::Status StreamTransport::AcquireCredits(Time deadline) {
  if (!held_ || !stream_->Holds(terms_.connection)) {
    held_ = false;
    waiting_since_ = 0;
    DROVER_RETURN_IF_ERROR(stream_->AcquireCredits(deadline, &terms_));
    held_ = true;
  }
  while ((version_ = policy_->Refresh()) < terms_.version) {
    if (std::chrono::steady_clock::now() >= deadline || !stream_->Holds(terms_.connection)) {
      return absl::DeadlineExceededError("no such weights yet");
    }
    if (waiting_since() == 0) waiting_since_ = MonotonicSeconds();
    wait_();
  }
  waiting_since_ = 0;
  held_ = false;
  return absl::OkStatus();
}

}  // namespace drover
