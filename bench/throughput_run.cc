#include "bench/throughput_run.h"

#include <cstdint>
#include <optional>
#include <utility>

#include "bench/process_usage.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "deploy/coordinator_client.h"
#include "deploy/launcher.h"
#include "deploy/local_engine.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

constexpr uint64_t kEndlessFrames = uint64_t{1} << 62;
constexpr double kMemoryInterval = 10;  // seconds

// Whether learner and all actors are there, have told where their time goes, and have behind them
// what is slow only once: each actor its first unroll.
bool Complete(const StatusReply& status) {
  const Actors& actors = status.experiment().actors();
  const uint64_t first = uint64_t{actors.environments()} * actors.unroll();
  uint32_t ready = 0;
  for (const MemberStatus& member : status.members()) {
    const Report& report = member.report();
    const bool acts = member.member().role() == Role::actor;
    ready += member.alive() && report.metrics().contains("clock_seconds") &&
                     (!acts || report.actor().steps() > first)
                 ? 1
                 : 0;
  }
  return ready == 1 + actors.count();
}

// Watches a run, and ends it when enough was seen.
class Watcher {
 public:
  explicit Watcher(const ThroughputOptions& options) : options_(options) {}

  void Saw(const StatusReply& status) {
    if (done_ || status.state() != RunState::running) return;
    if (absl::Status step = Step(status); !step.ok()) {
      status_ = std::move(step);
      done_ = true;
    }
    // Where the call fails, the next status tries again.
    if (done_) done_ = CoordinatorClient::OfRun(status.run_dir())->Stop("measured", false).ok();
  }

  absl::StatusOr<ThroughputRun> Result() const {
    DROVER_RETURN_IF_ERROR(status_);
    if (!end_) return absl::AbortedError("the run ended before it was measured");
    ThroughputRun run;
    DROVER_ASSIGN_OR_RETURN(run.throughput, MeasureBetween(*begin_, *end_));
    run.memory = memory_;
    return run;
  }

 private:
  absl::Status Step(const StatusReply& status) {
    const double now = status.learner().seconds();
    const bool first = !begin_;
    if (first && (now < options_.warmup || !Complete(status))) return absl::OkStatus();
    const bool last = !first && now >= begin_->status.learner().seconds() + options_.seconds;
    const bool remember = memory_.empty() || now >= memory_.back().seconds + kMemoryInterval;
    if (!first && !last && !remember) return absl::OkStatus();
    DROVER_ASSIGN_OR_RETURN(RunSample sample, TakeSample(status));
    MemoryPoint point{now, 0, sample.processes.front().usage.resident_bytes};
    for (const RunSample::Process& process : sample.processes) {
      if (process.name == "learner 0") point.learner = process.usage.resident_bytes;
    }
    memory_.push_back(point);
    if (first)
      begin_ = std::move(sample);
    else if (last)
      end_ = std::move(sample);
    done_ = end_.has_value();
    return absl::OkStatus();
  }

  const ThroughputOptions& options_;
  absl::Status status_;
  std::optional<RunSample> begin_;
  std::optional<RunSample> end_;
  std::vector<MemoryPoint> memory_;
  bool done_ = false;
};

}  // namespace

Plan EndlessPlan(Plan plan) {
  Experiment* experiment = plan.mutable_experiment();
  experiment->mutable_budget()->set_max_frames(kEndlessFrames);
  experiment->clear_target();
  experiment->mutable_evaluation()->set_every_frames(0);
  experiment->mutable_evaluation()->set_episodes(1);  // the least that there is
  return plan;
}

absl::StatusOr<ThroughputRun> RunThroughput(const ThroughputOptions& options,
                                            const std::string& run_dir, const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory temporary, TempDirectory::Make());
  DROVER_ASSIGN_OR_RETURN(
      const RunDir files,
      RunDir::Open(run_dir.empty() ? temporary.path() : run_dir, /*resume=*/false));
  Placement placement;
  placement.run_dir = files.path();
  placement.held = &files;
  placement.experiment = EndlessPlan(options.plan).experiment();
  placement.drover = options.drover;
  placement.drover_agent = options.drover_agent;
  placement.tcp = options.tcp;
  placement.certs = options.certs;
  DROVER_RETURN_IF_ERROR(files.WriteConfig(placement.experiment, options.plan.spec()));
  const std::unique_ptr<Engine> engine = MakeLocalEngine(placement);
  const double load = LoadAverage();
  Watcher watcher(options);
  DROVER_RETURN_IF_ERROR(
      RunCluster(engine.get(), placement, stop,
                 [&watcher](const StatusReply& status) { watcher.Saw(status); }));
  if (stop.requested()) return absl::CancelledError("interrupted");
  DROVER_ASSIGN_OR_RETURN(ThroughputRun run, watcher.Result());
  run.throughput.load = load;
  return run;
}

}  // namespace drover
