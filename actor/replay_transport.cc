#include "actor/replay_transport.h"

#include <algorithm>
#include <chrono>

#include "absl/status/status.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // a stop may go unnoticed for so long

}  // namespace

ReplayTransport::ReplayTransport(ReplayWriter* writer, const Replay& config, uint32_t environments,
                                 uint32_t steps, std::function<bool()> stop)
    : writer_(writer),
      config_(config),
      environments_(environments),
      steps_(steps),
      stop_(std::move(stop)) {}

absl::Status ReplayTransport::AcquireCredits(Time /*deadline*/) { return writer_->status(); }

absl::Status ReplayTransport::Send(Unrolls* unrolls) {
  request_.mutable_unrolls()->Swap(unrolls);
  request_.clear_items();
  for (const ReplayTable& table : config_.tables()) AddItems(table);
  absl::Status status = absl::DeadlineExceededError("");
  while (absl::IsDeadlineExceeded(status) && !stop_()) {
    status = writer_->Insert(&request_, std::chrono::steady_clock::now() + kPatience);
  }
  request_.mutable_unrolls()->Swap(unrolls);
  steps_before_ += steps_;
  return absl::IsDeadlineExceeded(status) ? absl::CancelledError("told to stop") : status;
}

void ReplayTransport::AddItems(const ReplayTable& table) {
  const auto window = static_cast<int64_t>(table.steps());
  const int64_t first = -std::min<int64_t>(window - 1, static_cast<int64_t>(steps_before_));
  const int64_t last = static_cast<int64_t>(steps_) - window;
  if (last < first) return;
  TableItems* items = request_.add_items();
  items->set_table(table.name());
  for (uint32_t environment = 0; environment < environments_; ++environment) {
    for (int64_t step = first; step <= last; ++step) {
      items->add_environments(environment);
      items->add_first_steps(static_cast<int32_t>(step));
    }
  }
}

}  // namespace drover
