#include "client/coordinator_session.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/own_usage.h"
#include "client/stream_status.h"
#include "common/rpc/refusals.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {

absl::StatusOr<std::unique_ptr<CoordinatorSession>> CoordinatorSession::Register(Options options) {
  std::unique_ptr<CoordinatorSession> session(new CoordinatorSession(std::move(options)));
  const Options& its = session->options_;
  DROVER_RETURN_IF_ERROR(session->registration_.Register(its.register_timeout, its.give_up));
  session->StartThreads();
  return session;
}

CoordinatorSession::CoordinatorSession(Options options)
    : options_(std::move(options)), registration_(options_) {}

CoordinatorSession::~CoordinatorSession() { StopThreads(); }

void CoordinatorSession::StartThreads() {
  Endpoint coordinator;
  coordinator.add_addresses(options_.coordinator);
  watching_ = std::make_unique<Reconnector>(
      "member table", [coordinator](std::chrono::milliseconds) { return coordinator; },
      [this](const Endpoint&, const std::function<void()>& works) { return Watch(works); },
      [this](const absl::Status& status) { End(status); });
  renewing_ = std::thread([this] { RenewLoop(); });
}

void CoordinatorSession::StopThreads() {
  if (watching_ != nullptr) watching_->RequestStop();
  view_.End(absl::CancelledError("this process leaves"));
  CancelWatch();
  if (watching_ != nullptr) watching_->Stop();
  if (renewing_.joinable()) renewing_.join();
}

void CoordinatorSession::End(const absl::Status& status) {
  if (!view_.End(status)) return;
  CancelWatch();
  if (options_.on_over) options_.on_over(status);
}

void CoordinatorSession::CancelWatch() {
  MutexLock lock(&watch_mutex_);
  if (watch_ != nullptr) watch_->TryCancel();
}

absl::Status CoordinatorSession::Leave(const Report& last, std::chrono::milliseconds timeout) {
  StopThreads();
  Report report = last;
  *report.mutable_usage() = OwnUsage();
  return registration_.Leave(report, timeout);
}

void CoordinatorSession::RenewLoop() {
  const std::chrono::milliseconds pause(
      static_cast<int64_t>(std::clamp(run().lease_seconds(), 0.03, 3600.0) * 1000 / 3));
  bool reachable = true;
  while (view_.Sleep(pause)) {
    absl::Status status = Renew();
    if (Fenced(status)) {
      spdlog::warn("fenced: {}", std::string(status.message()));
      status = registration_.RegisterAgain();
      if (!status.ok() && !Unreachable(status)) return End(status);
    }
    if (status.ok() == reachable) continue;
    reachable = status.ok();
    if (reachable) {
      spdlog::info("the coordinator is back");
    } else {
      spdlog::warn("cannot renew the lease, trying on: {}", status.ToString());
    }
  }
}

absl::Status CoordinatorSession::Renew() {
  Report report;
  {
    MutexLock lock(&report_mutex_);
    if (report_) report = report_();
  }
  *report.mutable_usage() = OwnUsage();
  if (options_.endpoint.addresses_size() > 0) {
    (*report.mutable_metrics())["refused_peers"] =
        static_cast<double>(Refusals::OfProcess().total());
  }
  DROVER_RETURN_IF_ERROR(registration_.Renew(report));
  MutexLock lock(&report_mutex_);
  if (sent_) sent_();
  return absl::OkStatus();
}

void CoordinatorSession::SetReport(std::function<Report()> report, std::function<void()> sent) {
  MutexLock lock(&report_mutex_);
  report_ = std::move(report);
  sent_ = std::move(sent);
}

absl::Status CoordinatorSession::Watch(const std::function<void()>& works) {
  const Identity identity = this->identity();
  WatchRequest request;
  request.set_member_id(identity.member_id);
  request.set_epoch(identity.epoch);
  grpc::ClientContext context;
  {
    MutexLock lock(&watch_mutex_);
    watch_ = &context;
  }
  if (!view_.status().ok()) context.TryCancel();  // it ended before it could be cancelled
  absl::Status status;
  {
    Pulse pulse(options_.limits, nullptr, [&context] { context.TryCancel(); });
    const std::shared_ptr<Coordinator::Stub> stub = registration_.stub();
    const auto reader = stub->WatchMembers(&context, request);
    MemberTable table;
    while (reader->Read(&table)) {
      pulse.Received();
      works();
      SetTable(table);
    }
    status = StreamStatus(reader->Finish());
  }
  MutexLock lock(&watch_mutex_);
  watch_ = nullptr;
  return view_.status().ok() ? status : absl::OkStatus();  // over: done
}

void CoordinatorSession::SetTable(const MemberTable& table) {
  if (table.run_id() != run().run_id()) {
    return End(absl::FailedPreconditionError(
        absl::StrCat("the coordinator now serves another run, ", table.run_id())));
  }
  if (view_.SetTable(table) && options_.on_table) options_.on_table(table);
}

}  // namespace drover
