#include "learner/learner_main.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include "absl/strings/str_join.h"
#include "client/coordinator_session.h"
#include "client/member_http.h"
#include "common/mutex.h"
#include "common/rpc/address.h"
#include "common/status_macros.h"
#include "learner/learner_services.h"
#include "learner/trainer.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPatience{100};       // a stop may go unnoticed for so long
constexpr std::chrono::milliseconds kStopPatience{5000};  // to end well after a signal
constexpr std::chrono::milliseconds kGrace{2000};         // for actors to end their streams
constexpr std::chrono::milliseconds kGoodbye{10000};      // trying to leave

// A learner process, from its first call to its last.
class LearnerProcess {
 public:
  LearnerProcess(const LearnerOptions& options, const FinalEvaluation& evaluate)
      : options_(options), evaluate_(evaluate) {}
  // Session and trainer use each other.
  ~LearnerProcess() {
    http_.reset();
    if (session_) session_->SetReport(nullptr);
    trainer_.reset();
  }

  absl::Status Run();

 private:
  absl::Status Join();  // serves, and registers
  absl::Status Train();
  void Finish() DROVER_EXCLUDES(mutex_);  // checkpoint, drain, evaluation
  void AwaitDrain();
  void EvaluateLast() DROVER_EXCLUDES(mutex_);
  absl::Status Leave(const absl::Status& status);

  Report MakeReport() DROVER_EXCLUDES(mutex_);
  bool over() const { return over_.load(); }
  // Another learner is to go on from here.
  bool Replaced() const { return options_.replaced && options_.stop() && !draining_; }
  bool Hurry();  // a signal came, and there was time enough to end well

  const LearnerOptions& options_;
  const FinalEvaluation& evaluate_;
  std::atomic<bool> draining_{false};  // the coordinator says so
  std::atomic<bool> over_{false};      // the session is, for good
  bool replaced_ = false;
  std::optional<Clock::time_point> stopped_at_;  // when the signal was noticed

  std::unique_ptr<LearnerServices> services_;
  std::unique_ptr<Trainer> trainer_;

  Mutex mutex_;
  EndReason::Kind outcome_ DROVER_GUARDED_BY(mutex_) = EndReason::unspecified;
  std::optional<Evaluation> evaluation_ DROVER_GUARDED_BY(mutex_);

  std::unique_ptr<CoordinatorSession> session_;  // its threads use the above
  std::unique_ptr<HttpServer> http_;             // likewise
};

absl::Status LearnerProcess::Run() {
  DROVER_RETURN_IF_ERROR(Join());
  const absl::Status status = Train();
  if (status.ok() && replaced_) {
    spdlog::info("told to stop: the run waits for the next learner");
    const absl::Status saved = trainer_->HandOver();
    options_.replaced(saved);
    return saved;
  }
  if (status.ok() && !over()) Finish();
  return Leave(status);
}

absl::Status LearnerProcess::Join() {
  DROVER_ASSIGN_OR_RETURN(services_, LearnerServices::Start({options_.listen, options_.insecure}));
  CoordinatorSession::Options options;
  options.coordinator = options_.coordinator;
  options.role = Role::learner;
  options.endpoint = LocalEndpoint(services_->addresses());
  options.give_up = options_.stop;
  options.on_table = [this](const MemberTable& table) {
    services_->SetTable(table);
    if (table.state() >= RunState::draining) draining_ = true;
  };
  options.on_over = [this](const absl::Status&) { over_ = true; };
  DROVER_ASSIGN_OR_RETURN(session_, CoordinatorSession::Register(std::move(options)));
  spdlog::info("joined run {} with epoch {}, serves at {}", session_->run().run_id(),
               session_->run().epoch(), absl::StrJoin(services_->addresses(), ", "));
  return absl::OkStatus();
}

absl::Status LearnerProcess::Train() {
  const RegisterReply& run = session_->run();
  DROVER_ASSIGN_OR_RETURN(
      trainer_, Trainer::Make({run.experiment(), run.spec(), run.run_dir(), options_.resume,
                               [this] { return session_->identity(); },
                               [this](uint32_t shard, std::chrono::milliseconds timeout) {
                                 return session_->WaitForPeer(Role::replay, shard, timeout);
                               }},
                              services_.get()));
  session_->SetReport([this] { return MakeReport(); });
  HttpOptions http;
  http.address = options_.http;
  http.insecure = options_.insecure;
  DROVER_ASSIGN_OR_RETURN(
      http_, ServeMetrics(std::move(http), Role::learner, 0, [this] { return MakeReport(); }));
  DROVER_ASSIGN_OR_RETURN(const EndReason::Kind outcome, trainer_->Train([this] {
    return over() || draining_ || options_.stop();
  }));
  spdlog::info("trained: {}", EndReason::Kind_Name(outcome));
  replaced_ = outcome == EndReason::stopped && Replaced();
  if (replaced_) return absl::OkStatus();
  {
    MutexLock lock(&mutex_);
    outcome_ = outcome;
  }
  session_->ReportNow();
  return absl::OkStatus();
}

void LearnerProcess::Finish() {
  const absl::Status saved = trainer_->Finish();
  if (!saved.ok()) spdlog::error("the last checkpoint is missing: {}", saved.ToString());
  AwaitDrain();
  EvaluateLast();
  services_->Shutdown(kGrace);
}

// The renewals carry the outcome; the coordinator decides what follows.
void LearnerProcess::AwaitDrain() {
  while (!over() && !Hurry() && !session_->WaitForDrain(kPatience)) {
  }
}

void LearnerProcess::EvaluateLast() {
  const absl::StatusOr<Evaluation> evaluation = evaluate_(
      trainer_->model(), session_->run().experiment(), [this] { return over() || Hurry(); });
  if (!evaluation.ok()) {
    spdlog::error("not evaluated: {}", evaluation.status().ToString());
    return;
  }
  MutexLock lock(&mutex_);
  evaluation_ = *evaluation;
}

absl::Status LearnerProcess::Leave(const absl::Status& status) {
  if (over()) return status.ok() ? session_->status() : status;
  session_->SetReport(nullptr);
  const absl::Status left =
      session_->Leave(trainer_ == nullptr ? Report() : MakeReport(), kGoodbye);
  if (!left.ok()) spdlog::error("left without a goodbye: {}", left.ToString());
  return status.ok() ? left : status;  // the run lacks its end: another learner may say it
}

Report LearnerProcess::MakeReport() {
  Report report = trainer_->MakeReport();
  MutexLock lock(&mutex_);
  // What the coordinator said by itself is no outcome of the learner's.
  if (outcome_ != EndReason::stopped || !draining_) report.mutable_learner()->set_outcome(outcome_);
  if (evaluation_) *report.mutable_learner()->mutable_evaluation() = *evaluation_;
  return report;
}

bool LearnerProcess::Hurry() {
  if (!options_.stop()) return false;
  if (!stopped_at_) stopped_at_ = Clock::now();
  return Clock::now() > *stopped_at_ + kStopPatience;
}

}  // namespace

absl::Status RunLearner(const LearnerOptions& options, const FinalEvaluation& evaluate) {
  return LearnerProcess(options, evaluate).Run();
}

}  // namespace drover
