#include "learner/learner_loop.h"

#include <algorithm>
#include <string>
#include <utility>

#include "client/report_histogram.h"
#include "client/report_wait.h"
#include "common/clock.h"
#include "common/status_macros.h"
#include "learner/target.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // a stop may go unnoticed for so long
constexpr std::chrono::seconds kSecond{1};
constexpr size_t kReportWindow = 100;  // LearnerReport.mean_return

absl::string_view Bytes(const at::Tensor& host) {
  return {static_cast<const char*>(host.const_data_ptr()), host.nbytes()};
}

}  // namespace

LearnerLoop::LearnerLoop(const Parts& parts, const TrainedTotals& start, double seconds_before)
    : parts_(parts),
      target_window_(TargetWindow(*parts.experiment)),
      seconds_before_(seconds_before),
      totals_(start) {}

absl::StatusOr<EndReason::Kind> LearnerLoop::Run(const Hooks& hooks) {
  absl::StatusOr<EndReason::Kind> outcome = TrainToTheEnd(hooks);
  const double trained_for = seconds();
  MutexLock lock(&mutex_);
  seconds_at_end_ = trained_for;
  return outcome;
}

absl::StatusOr<EndReason::Kind> LearnerLoop::TrainToTheEnd(const Hooks& hooks) {
  const std::chrono::duration<double> save_period(parts_.experiment->checkpoint().every_seconds());
  next_second_ = Clock::now() + kSecond;
  next_save_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(save_period);
  DROVER_RETURN_IF_ERROR(Publish(/*idle=*/true));
  while (!hooks.stop()) {
    DROVER_ASSIGN_OR_RETURN(const TrainingBatch* const batch, NextBatch());
    if (batch != nullptr) {
      Train(*batch);
      DROVER_RETURN_IF_ERROR(Publish(/*idle=*/false));
      hooks.trained();
    }
    const bool last = batch == nullptr && parts_.experience->finished();
    const EndReason::Kind outcome = CheckOutcome(last && parts_.experience->budget_spent());
    if (outcome != EndReason::unspecified) return outcome;
    if (last) break;  // drained by someone else
    if (batch != nullptr) parts_.experience->Trained(parts_.step->priority());
    RunHooks(hooks);
  }
  return EndReason::stopped;
}

absl::StatusOr<const TrainingBatch*> LearnerLoop::NextBatch() {
  DROVER_ASSIGN_OR_RETURN(const TrainingBatch* const batch, parts_.experience->Next(Clock::now()));
  waited_ += timer_.Lap(&spent_.wait);
  if (batch != nullptr || parts_.experience->finished()) return batch;
  DROVER_RETURN_IF_ERROR(Publish(/*idle=*/true));
  {
    MutexLock lock(&mutex_);
    if (!waiting_since_) waiting_since_ = Clock::now();
  }
  absl::StatusOr<const TrainingBatch*> later = parts_.experience->Next(Clock::now() + kPatience);
  waited_ += timer_.Lap(&spent_.wait);
  return later;
}

void LearnerLoop::Train(const TrainingBatch& batch) {
  TrainedTotals totals;
  {
    MutexLock lock(&mutex_);
    waiting_since_.reset();
    totals = totals_;
  }
  const TrainStep::Seconds before = parts_.step->seconds();
  const Statistics statistics = Learn(batch, totals);
  parts_.step->Count(batch.seen);
  const double forward_backward = parts_.step->seconds().forward_backward - before.forward_backward;
  const double optimizer = parts_.step->seconds().optimizer - before.optimizer;
  train_step_seconds_.Observe(timer_.Lap(&spent_.prepare));
  batch_wait_seconds_.Observe(std::exchange(waited_, 0));
  for (const auto& [lag, steps] : batch.lags) {
    policy_lag_.Observe(static_cast<double>(lag), steps);
  }
  spent_.prepare -= forward_backward + optimizer;
  spent_.forward_backward += forward_backward;
  spent_.optimizer += optimizer;

  ++totals.version;
  ++totals.updates;
  totals.trained_frames += batch.frames;
  totals.lag_sum += batch.lag_sum;
  totals.lag_max = std::max(totals.lag_max, batch.lag_max);
  for (const auto& [name, value] : statistics) parts_.metrics->Observe(name, value);
  MutexLock lock(&mutex_);
  totals_ = totals;
}

Statistics LearnerLoop::Learn(const TrainingBatch& batch, const TrainedTotals& totals) {
  if (batch.gradient.defined()) {
    Statistics statistics = parts_.step->Apply(batch.gradient, totals.trained_frames);
    statistics.insert(batch.statistics.begin(), batch.statistics.end());
    return statistics;
  }
  // Not the version, which a killed learner leaves a gap in.
  return parts_.step->Run(batch.batch, totals.updates + 1, totals.trained_frames);
}

absl::Status LearnerLoop::Publish(bool idle) {
  const TrainedTotals now = totals();
  timer_.Lap(&spent_.other);
  DROVER_RETURN_IF_ERROR(parts_.versions->Reserve(now.version));
  parts_.experience->SetVersion(now.version);
  if (published_ != now.version && (idle || parts_.publisher->Wanted())) {
    const at::Tensor parameters = parts_.model->acting_parameters().detach().cpu().contiguous();
    parts_.publisher->Publish({now.version, parts_.experience->frames(), now.trained_frames},
                              Bytes(parameters));
    published_ = now.version;
  }
  timer_.Lap(&spent_.publish);
  return absl::OkStatus();
}

EndReason::Kind LearnerLoop::CheckOutcome(bool budget_spent) {
  const EpisodeStatistics::Summary episodes = parts_.episodes->Last(target_window_);
  const EndReason::Kind outcome =
      Outcome(*parts_.experiment, {episodes.episodes, episodes.mean_return, budget_spent});
  if (outcome == EndReason::unspecified) return outcome;
  TargetReached target;
  target.set_frames(parts_.experience->frames());
  target.set_seconds(seconds());
  MutexLock lock(&mutex_);
  outcome_ = outcome;
  target_ = std::move(target);
  return outcome;
}

void LearnerLoop::RunHooks(const Hooks& hooks) {
  const Clock::time_point now = Clock::now();
  if (now >= next_second_) {
    next_second_ = now + kSecond;
    TellSeconds();
    hooks.each_second();
  }
  timer_.Lap(&spent_.other);
  if (now >= next_save_) {
    hooks.save();
    const std::chrono::duration<double> period(parts_.experiment->checkpoint().every_seconds());
    next_save_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(period);
    timer_.Lap(&spent_.save);
  }
}

// Each thread's parts add up to what passes of the clock.
void LearnerLoop::TellSeconds() {
  parts_.experience->AddTo(parts_.metrics);
  for (const auto& [name, seconds] : {
           std::pair("clock_seconds", MonotonicSeconds()),
           std::pair("wait_seconds", spent_.wait),
           std::pair("prepare_seconds", spent_.prepare),
           std::pair("forward_backward_seconds", spent_.forward_backward),
           std::pair("optimizer_seconds", spent_.optimizer),
           std::pair("publish_seconds", spent_.publish),
           std::pair("save_seconds", spent_.save),
           std::pair("other_seconds", spent_.other),
       }) {
    parts_.metrics->Set(name, seconds);
  }
  parts_.metrics->Set("encodings", static_cast<double>(parts_.publisher->counters().encodings));
}

TrainedTotals LearnerLoop::totals() const {
  MutexLock lock(&mutex_);
  return totals_;
}

double LearnerLoop::seconds() const {
  {
    MutexLock lock(&mutex_);
    if (seconds_at_end_) return *seconds_at_end_;
  }
  const uint64_t started = parts_.experience->started_unix_micros();
  const uint64_t now = UnixMicros();
  // The actor's clock may be ahead of this host's.
  const double since =
      started == 0 || started > now ? 0 : static_cast<double>(now - started) * 1e-6;
  return seconds_before_ + since;
}

Report LearnerLoop::MakeReport() const {
  const EpisodeStatistics::Summary episodes = parts_.episodes->Last(kReportWindow);
  Report full;
  LearnerReport* report = full.mutable_learner();
  report->set_refused_streams(parts_.publisher->counters().refused_streams);
  parts_.experience->AddTo(&full);
  report->set_episodes(episodes.episodes);
  report->set_mean_return(episodes.mean_return);
  report->set_seconds(seconds());
  AddHistogram("policy_lag_versions", policy_lag_, &full);
  AddHistogram("batch_wait_seconds", batch_wait_seconds_, &full);
  AddHistogram("train_step_seconds", train_step_seconds_, &full);
  MutexLock lock(&mutex_);
  report->set_trained_frames(totals_.trained_frames);
  report->set_updates(totals_.updates);
  report->set_version(totals_.version);
  report->set_lag_max(totals_.lag_max);
  if (totals_.trained_frames > 0) {
    report->set_lag_mean(totals_.lag_sum / static_cast<double>(totals_.trained_frames));
  }
  report->set_outcome(outcome_);
  if (outcome_ == EndReason::target_reached) *report->mutable_target() = target_;
  if (waiting_since_) {
    AddWait("batch", std::chrono::duration<double>(Clock::now() - *waiting_since_).count(), &full);
  }
  return full;
}

}  // namespace drover
