#include "deploy/launcher.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <thread>

#include "coordinator/run_memory.h"
#include "deploy/coordinator_client.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPoll{20};
constexpr std::chrono::milliseconds kStatusInterval{250};
constexpr std::chrono::seconds kExitLimit{10};    // for what still runs after the coordinator
constexpr std::chrono::seconds kGiveUpLimit{30};  // for draining, after a failure
constexpr std::chrono::seconds kNeverHeard{10};   // of a coordinator that is to stop

class Launcher {
 public:
  Launcher(Engine* engine, const Placement& placement, const StopSignal& stop)
      : engine_(engine), stop_(stop) {
    // As the last coordinator wanted, until one is heard.
    const absl::StatusOr<RunMemory> memory = ReadRunMemory(placement.run_dir);
    if (memory.ok()) desired_.actors = memory->desired_actors();
    if (desired_.actors == 0) desired_.actors = placement.experiment.actors().count();
  }

  absl::Status Run(const std::function<void(const StatusReply&)>& on_status) {
    Clock::time_point next_status = Clock::now();
    while (!engine_->Over()) {
      if (absl::Status status = Tend(); !status.ok()) {
        GiveUp(status);
        return status;
      }
      if (stop_.requested() && !stop_sent_) stop_sent_ = Stop(stop_.reason(), /*failed=*/false);
      if (StoppedInVain()) {
        const absl::Status status =
            absl::CancelledError("stopped before its coordinator was there");
        GiveUp(status);
        return status;
      }
      if (Clock::now() >= next_status) {
        next_status = Clock::now() + kStatusInterval;
        if (const std::optional<StatusReply> status = Ask()) on_status(*status);
      }
      std::this_thread::sleep_for(kPoll);
    }
    if (absl::Status status = engine_->Down(kExitLimit); !status.ok()) return status;
    return engine_->Verdict();
  }

 private:
  // When it is due, and at once where something else is wanted.
  absl::Status Tend() {
    const bool changed = tended_.actors != desired_.actors || tended_.state != desired_.state;
    if (Clock::now() < next_tend_ && !changed) return absl::OkStatus();
    tended_ = desired_;
    absl::Status status = engine_->Tend(desired_);
    next_tend_ = Clock::now() + engine_->pause();
    return status;
  }

  // The coordinator, where it is now; null: that is not known yet.
  CoordinatorClient* Coordinator() {
    const absl::StatusOr<std::string> address = engine_->CoordinatorAddress();
    if (address.ok() && *address != address_) {
      address_ = *address;
      coordinator_.emplace(address_);
    }
    return coordinator_.has_value() ? &*coordinator_ : nullptr;
  }

  std::optional<StatusReply> Ask() {
    CoordinatorClient* const coordinator = Coordinator();
    if (coordinator == nullptr) return std::nullopt;
    absl::StatusOr<StatusReply> status = coordinator->Status();
    if (!status.ok()) return std::nullopt;
    heard_ = true;
    desired_.actors = status->desired_actors();
    desired_.state = status->state();
    return *std::move(status);
  }

  bool Stop(const std::string& reason, bool failed) {
    CoordinatorClient* const coordinator = Coordinator();
    return coordinator != nullptr && coordinator->Stop(reason, failed).ok();
  }

  // It is to stop, but waits in a queue, or cannot start.
  bool StoppedInVain() {
    if (!stop_.requested() || stop_sent_ || heard_) return false;
    if (!vain_since_.has_value()) vain_since_ = Clock::now();
    return Clock::now() >= *vain_since_ + kNeverHeard;
  }

  // The run cannot be kept alive: saves what there is, and ends.
  void GiveUp(const absl::Status& why) {
    const Clock::time_point limit = Clock::now() + kGiveUpLimit;
    const std::string reason(why.message());
    desired_.closing = true;
    bool told = false;
    while ((heard_ || told) && Clock::now() < limit) {
      if (!told) told = Stop(reason, /*failed=*/true);
      engine_->Tend(desired_).IgnoreError();
      if (engine_->left() == 0) break;
      std::this_thread::sleep_for(std::min(engine_->pause(), kPause));
    }
    engine_->Down(std::chrono::milliseconds(0)).IgnoreError();
  }

  static constexpr std::chrono::milliseconds kPause{500};

  Engine* const engine_;
  const StopSignal& stop_;
  Desired desired_;
  Desired tended_;
  Clock::time_point next_tend_;
  std::string address_;
  std::optional<CoordinatorClient> coordinator_;
  bool heard_ = false;
  bool stop_sent_ = false;
  std::optional<Clock::time_point> vain_since_;
};

}  // namespace

absl::Status RunCluster(Engine* engine, const Placement& placement, const StopSignal& stop,
                        const std::function<void(const StatusReply&)>& on_status) {
  return Launcher(engine, placement, stop).Run(on_status);
}

}  // namespace drover
