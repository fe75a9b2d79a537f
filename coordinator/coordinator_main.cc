#include "coordinator/coordinator_main.h"

#include <google/protobuf/text_format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/file_lock.h"
#include "common/rpc/address.h"
#include "common/rpc/credentials.h"
#include "common/rpc/refusals.h"
#include "common/rpc/server.h"
#include "common/status_macros.h"
#include "coordinator/dashboard/dashboard.h"
#include "coordinator/membership.h"
#include "coordinator/metrics_log.h"
#include "coordinator/run_memory.h"
#include "coordinator/service.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr char kLockFile[] = "coordinator.lock";  // one coordinator a run directory
constexpr std::chrono::milliseconds kTick{100};
constexpr std::chrono::seconds kMetricsInterval{1};
constexpr std::chrono::seconds kLeaveLimit{10};  // for members, after the end
constexpr std::chrono::milliseconds kShutdownGrace{200};

// Metrics and summary: what a run leaves behind besides checkpoints and logs.
class Recorder {
 public:
  Recorder(std::string run_dir, MetricsLog log)
      : run_dir_(std::move(run_dir)), log_(std::move(log)) {}

  // A line a second while there is something to see.
  void Record(CoordinatorService* service) {
    AppendPoints(service);
    const Clock::time_point now = Clock::now();
    if (now < next_line_) return;
    next_line_ = now + kMetricsInterval;
    AppendStatus(service);
  }

  // What came since the last line, once the run is over.
  void RecordLast(CoordinatorService* service) {
    AppendPoints(service);
    AppendStatus(service);
  }

  absl::Status WriteSummary(const Outcome& outcome) {
    return WriteFile(absl::StrCat(run_dir_, "/", kSummaryFile), SummaryJson(outcome));
  }

 private:
  static double UnixSeconds() { return static_cast<double>(UnixMicros()) * 1e-6; }

  void AppendPoints(CoordinatorService* service) {
    const std::vector<EvaluationPoint> points = service->Points();
    for (const EvaluationPoint& point : points) Append(EvaluationLine(point, UnixSeconds()));
    if (!points.empty()) service->PointsWritten(points.size());
  }

  // How the run stands now, also where that is less than a second after the last line: the last
  // line of a run tells where it ended. Not before the learner has said so itself: what an earlier
  // coordinator knew of it is older than the last line.
  void AppendStatus(CoordinatorService* service) {
    if (!service->HeardOfLearner()) return;
    Append(MetricsLine(service->CurrentStatus(), UnixSeconds()));
  }

  void Append(const std::string& line) {
    const absl::Status status = log_.Append(line);
    if (!status.ok() && !failing_) spdlog::error("metrics are lost: {}", status.ToString());
    failing_ = !status.ok();
  }

  const std::string run_dir_;
  MetricsLog log_;
  Clock::time_point next_line_;
  bool failing_ = false;
};

template <typename Message>
absl::StatusOr<Message> ReadMessage(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(const std::string text, ReadFile(path, 1 << 20));
  Message message;
  if (!google::protobuf::TextFormat::ParseFromString(text, &message)) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is not what `drover train` writes"));
  }
  return message;
}

// A dead process on this host need not be waited for: its successor may register at once. One in
// another container looks dead, too; a second of its role and index then fences it instead of
// being refused.
bool ProcessIsGone(const Member& member) {
  return member.endpoint().host_id() == HostId() && member.pid() > 0 &&
         kill(static_cast<pid_t>(member.pid()), 0) != 0 && errno == ESRCH;
}

// All but what only the lock's holder may read.
absl::StatusOr<TrainingRun::Options> ReadRun(const std::string& run_dir) {
  TrainingRun::Options run;
  run.run_dir = run_dir;
  DROVER_ASSIGN_OR_RETURN(run.experiment,
                          ReadMessage<Experiment>(absl::StrCat(run_dir, "/", kConfigFile)));
  DROVER_ASSIGN_OR_RETURN(run.spec, ReadMessage<Spec>(absl::StrCat(run_dir, "/", kSpecFile)));
  run.membership.is_gone = ProcessIsGone;
  run.membership.lease = LeaseFor(run.experiment.actors().count());
  return run;
}

absl::StatusOr<RunMemory> Remember(const std::string& run_dir, const std::string& name) {
  absl::StatusOr<RunMemory> memory = ReadRunMemory(run_dir);
  return absl::IsNotFound(memory.status()) ? BeginLaunch(run_dir, name) : memory;
}

absl::StatusOr<std::unique_ptr<Dashboard>> Show(const CoordinatorOptions& options,
                                                CoordinatorService* service) {
  if (options.http.empty()) return nullptr;
  Dashboard::Options show;
  show.http.address = options.http;
  show.http.insecure = options.insecure;
  show.http.allow = ViewersOnly();
  show.http.tls = ProcessPages();
  show.run_dir = options.run_dir;
  show.status = [service] { return service->CurrentStatus(); };
  show.event_counts = [service] { return service->EventCounts(); };
  DROVER_ASSIGN_OR_RETURN(std::unique_ptr<Dashboard> dashboard, Dashboard::Start(std::move(show)));
  service->SetDashboard(dashboard->url());
  spdlog::info("dashboard: {}", dashboard->url());
  return dashboard;
}

// Peers that were refused before their call came to the service.
void NoteRefusals(CoordinatorService* service, uint64_t* noted) {
  const Refusals::Snapshot refusals = Refusals::OfProcess().snapshot();
  if (refusals.total > *noted) service->Note(Event::refused, refusals.last);
  *noted = refusals.total;
}

// False: it was told to stop, and the run goes on without this process.
bool Serve(CoordinatorService* service, Recorder* recorder, const StopSignal& stop,
           bool replaceable) {
  bool stopping = false;
  uint64_t refusals = 0;
  while (!service->Finished()) {
    if (stopping) {
      usleep(std::chrono::microseconds(kTick).count());
    } else if (stop.WaitUntil(Clock::now() + kTick)) {
      if (replaceable && service->CurrentStatus().state() < RunState::draining) return false;
      stopping = true;
      StopRequest request;
      request.set_reason(stop.reason());
      service->StopRun(request);
    }
    service->Tick();
    NoteRefusals(service, &refusals);
    recorder->Record(service);
  }
  return true;
}

}  // namespace

absl::StatusOr<EndReason::Kind> RunCoordinator(const CoordinatorOptions& options,
                                               const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(TrainingRun::Options run, ReadRun(options.run_dir));
  DROVER_ASSIGN_OR_RETURN(const FileLock lock,
                          FileLock::Acquire(absl::StrCat(options.run_dir, "/", kLockFile)));
  DROVER_ASSIGN_OR_RETURN(run.memory, Remember(options.run_dir, run.experiment.name()));
  DROVER_ASSIGN_OR_RETURN(MetricsLog log,
                          MetricsLog::Open(absl::StrCat(options.run_dir, "/", kMetricsFile)));
  Recorder recorder(options.run_dir, std::move(log));
  const auto save = [&](const RunMemory& memory) {
    return WriteRunMemory(options.run_dir, memory);
  };
  // Before the first number is handed out, those above it are reserved.
  DROVER_RETURN_IF_ERROR(save(TrainingRun(run, Clock::now()).Memory()));
  CoordinatorService service(std::move(run), save);
  ServerOptions server_options;
  server_options.addresses = options.listen;
  server_options.insecure = options.insecure;
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<RpcServer> server,
                          RpcServer::Start(server_options, {&service}));
  std::string endpoint;
  google::protobuf::TextFormat::PrintToString(LocalEndpoint(server->addresses()), &endpoint);
  DROVER_RETURN_IF_ERROR(WriteFile(absl::StrCat(options.run_dir, "/", kAddressFile), endpoint));
  spdlog::info("the coordinator listens on {}", absl::StrJoin(server->addresses(), ", "));
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Dashboard> dashboard, Show(options, &service));

  if (!Serve(&service, &recorder, stop, options.replaceable)) {
    spdlog::info("told to stop: the run waits for the next coordinator");
    server->Shutdown(kShutdownGrace);
    return EndReason::unspecified;
  }
  recorder.RecordLast(&service);
  const Outcome outcome = service.CurrentOutcome();
  const absl::Status written = recorder.WriteSummary(outcome);
  if (!written.ok()) spdlog::error("{}", written.ToString());
  service.SummaryWritten();
  spdlog::info("the run has ended: {}", EndReason::Kind_Name(outcome.end_reason));

  while (options.stay && !stop.WaitUntil(Clock::now() + kTick)) service.Tick();
  const Clock::time_point limit = Clock::now() + kLeaveLimit;
  while (service.AnyMember() && Clock::now() < limit) {
    usleep(std::chrono::microseconds(kTick).count());
    service.Tick();
  }
  server->Shutdown(kShutdownGrace);
  if (!written.ok()) return written;
  return outcome.end_reason;
}

}  // namespace drover
