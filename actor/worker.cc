#include "actor/worker.h"

#include <chrono>
#include <utility>

#include "client/report_wait.h"
#include "common/clock.h"
#include "common/rpc/address.h"
#include "common/status_macros.h"
#include "common/topology.h"
#include "env/registry.h"
#include "spdlog/spdlog.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // a stop may go unnoticed for so long
constexpr std::chrono::milliseconds kGoodbye{3000};  // trying to leave

std::chrono::steady_clock::time_point Soon() {
  return std::chrono::steady_clock::now() + kPatience;
}

// Before there is anything else to tell.
Report WaitingReport(double since) {
  Report report;
  AddWait("first weights", MonotonicSeconds() - since, &report);
  return report;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Worker>> Worker::Join(const ActorOptions& options, Role::Kind role) {
  std::unique_ptr<Worker> worker(new Worker(options, role));
  DROVER_RETURN_IF_ERROR(worker->Register());
  DROVER_RETURN_IF_ERROR(worker->Build());
  return worker;
}

Worker::~Worker() = default;

absl::Status Worker::Register() {
  CoordinatorSession::Options options;
  options.coordinator = options_.coordinator;
  options.role = role_;
  options.index = options_.index;
  options.any_index = options_.any_index;
  options.endpoint = LocalEndpoint({});  // its host alone: it serves nothing
  options.give_up = options_.stop;
  options.on_table = [this](const MemberTable& table) {
    if (table.state() >= RunState::draining) finish_.store(true, std::memory_order_relaxed);
  };
  options.on_over = [this](const absl::Status&) { finish_.store(true, std::memory_order_relaxed); };
  DROVER_ASSIGN_OR_RETURN(session_, CoordinatorSession::Register(std::move(options)));
  session_->SetReport([since = MonotonicSeconds()] { return WaitingReport(since); });
  spdlog::info("joined run {} with epoch {}", session_->run().run_id(), session_->run().epoch());
  return absl::OkStatus();
}

absl::Status Worker::Build() {
  DROVER_ASSIGN_OR_RETURN(
      const std::unique_ptr<Environment> environment,
      MakeEnvironment(experiment().environment(), experiment().environment_options()));
  environment_ = environment->spec();
  DROVER_ASSIGN_OR_RETURN(model_,
                          Model::Make(experiment().model(), environment_, experiment().seed()));
  if (role_ != Role::actor || !PushesGradients(experiment())) Subscribe();
  return absl::OkStatus();
}

void Worker::Subscribe() {
  const at::Tensor parameters = model_->acting_parameters();
  WeightsSubscriber::Options options;
  options.identity = identity();
  options.publisher = learner();
  options.on_over = [this](const absl::Status&) { finish_.store(true, std::memory_order_relaxed); };
  options.layout = {model_->acting_layout_hash(), parameters.nbytes()};
  subscriber_ = std::make_unique<WeightsSubscriber>(std::move(options));
  weights_ = std::make_unique<WeightCache>(
      [this](WeightSet* set) { return subscriber_->Take(set); }, parameters);
}

IdentityFn Worker::identity() const {
  return [session = session_.get()] { return session->identity(); };
}

PeerFn Worker::Peer(Role::Kind role, uint32_t index) const {
  return [session = session_.get(), role, index](std::chrono::milliseconds timeout) {
    return session->WaitForPeer(role, index, timeout);
  };
}

bool Worker::WaitForNewer() { return subscriber_->WaitForNewer(Soon()).ok(); }

absl::Status Worker::WaitForFirst() {
  while (!over() && !weights_->Update()) {
    absl::Status status = subscriber_->WaitForNewer(Soon());
    if (!status.ok() && !absl::IsDeadlineExceeded(status)) return status;
  }
  return absl::OkStatus();
}

void Worker::WaitForEnd() const {
  while (!over()) session_->WaitForDrain(kPatience);
}

absl::Status Worker::Leave(absl::Status status, const Report& last) {
  if (status.ok()) status = session_->status();
  if (subscriber_ != nullptr) {
    if (status.ok()) status = subscriber_->status();
    subscriber_->Stop();
  }
  const absl::Status left = session_->Leave(last, kGoodbye);
  if (!left.ok()) spdlog::info("left without a goodbye: {}", left.ToString());
  return status;
}

}  // namespace drover
