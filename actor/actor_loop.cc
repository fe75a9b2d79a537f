#include "actor/actor_loop.h"

#include <chrono>
#include <utility>

#include "common/clock.h"

namespace drover {
namespace {

// How long a stop may go unnoticed while waiting.
constexpr std::chrono::milliseconds kPatience{100};

// One thread writes, so no read-modify-write is needed.
template <typename T>
void Add(T amount, std::atomic<T>* total) {
  total->store(total->load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
}

// Asked to finish, not failed.
absl::Status EndOf(const absl::Status& status) {
  return absl::IsCancelled(status) ? absl::OkStatus() : status;
}

}  // namespace

ActorLoop::ActorLoop(VectorEnvironment* environments, Policy* policy, Transport* transport,
                     UnrollBuilder* builder, std::function<bool()> stop, bool whole_episodes,
                     UnrollRecorder* recorder)
    : environments_(environments),
      policy_(policy),
      transport_(transport),
      builder_(builder),
      stop_(std::move(stop)),
      whole_episodes_(whole_episodes),
      recorder_(recorder) {}

absl::Status ActorLoop::Run() {
  now_ = MonotonicSeconds();
  Reset();
  Spent(&progress_.environment);
  while (true) {
    absl::Status status = WaitForCredits();
    Spent(&progress_.wait);
    if (!status.ok()) return EndOf(status);
    const double begin = now_;
    builder_->Begin();
    Spent(&progress_.encode);
    if (whole_episodes_) Reset();
    builder_->SetState(policy_->state());
    Spent(&progress_.environment);
    if (!ActUnroll()) continue;  // over; why, is asked above
    if (recorder_ != nullptr) recorder_->Record(builder_);
    status = transport_->Send(builder_->unrolls());
    Spent(&progress_.encode);
    progress_.unroll_seconds.Observe(now_ - begin);
    if (!status.ok() && !absl::IsAborted(status)) return EndOf(status);
  }
}

void ActorLoop::Reset() {
  environments_->Reset(builder_->observation(0));
  for (int i = 0; i < environments_->size(); ++i) policy_->Forget(i);
}

absl::Status ActorLoop::WaitForCredits() {
  while (!stop_()) {
    absl::Status status = transport_->AcquireCredits(std::chrono::steady_clock::now() + kPatience);
    if (!absl::IsDeadlineExceeded(status)) return status;
  }
  return absl::CancelledError("told to stop");
}

bool ActorLoop::ActUnroll() {
  for (int64_t t = 0; t < builder_->steps(); ++t) {
    if (Over()) return false;
    Step(t);
  }
  Add<uint64_t>(1, &progress_.unrolls);
  return true;
}

void ActorLoop::Step(int64_t t) {
  const uint64_t version = policy_->Refresh();
  const ActionRow action = builder_->action(t);
  builder_->SetVersion(t, version);
  policy_->Act(builder_->observation(t), action, builder_->log_prob(t));
  progress_.version.store(version, std::memory_order_relaxed);
  Spent(&progress_.inference);

  environments_->Step({action.discrete, action.continuous}, builder_->observation(t + 1),
                      builder_->reward(t), builder_->end(t));
  builder_->AddFinished(t, environments_->finished());
  for (const FinishedEpisode& ended : environments_->finished()) policy_->Forget(ended.environment);
  Add<uint64_t>(builder_->environments(), &progress_.steps);
  Add<uint64_t>(environments_->finished().size(), &progress_.episodes);
  Spent(&progress_.environment);
}

void ActorLoop::Spent(std::atomic<double>* part) {
  const double now = MonotonicSeconds();
  Add(now - now_, part);
  now_ = now;
}

}  // namespace drover
