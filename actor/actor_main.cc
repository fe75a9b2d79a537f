#include "actor/actor_main.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "actor/actor_loop.h"
#include "actor/evaluator_loop.h"
#include "actor/exploring_policy.h"
#include "actor/gradient_transport.h"
#include "actor/lockstep.h"
#include "actor/model_policy.h"
#include "actor/moments_recorder.h"
#include "actor/replay_transport.h"
#include "actor/stream_transport.h"
#include "actor/worker.h"
#include "agent/algorithms/table.h"
#include "agent/batch_view.h"
#include "agent/train_step.h"
#include "client/gradient_pusher.h"
#include "client/replay_writer.h"
#include "client/report_histogram.h"
#include "client/report_wait.h"
#include "client/trajectory_stream.h"
#include "common/clock.h"
#include "common/random.h"
#include "common/spec.h"
#include "common/status_macros.h"
#include "common/topology.h"
#include "common/unroll_layout.h"
#include "env/registry.h"
#include "env/vector_environment.h"

namespace drover {
namespace {

// They keep what is drawn apart from the environments' numbers.
constexpr uint64_t kActionNoise = 0x616374696f6e;
constexpr uint64_t kExplorationNoise = 0x6578706c6f7265;

Report MakeReport(const ActorProgress& progress) {
  Report report;
  report.mutable_actor()->set_steps(progress.steps);
  report.mutable_actor()->set_episodes(progress.episodes);
  report.mutable_actor()->set_version(progress.version);
  auto& metrics = *report.mutable_metrics();
  metrics["clock_seconds"] = MonotonicSeconds();  // the parts below add up to what passes of it
  metrics["environment_seconds"] = progress.environment;
  metrics["inference_seconds"] = progress.inference;
  metrics["encode_seconds"] = progress.encode;
  metrics["wait_seconds"] = progress.wait;
  AddHistogram("unroll_seconds", progress.unroll_seconds, &report);
  return report;
}

void AddTo(Report* report, const TrajectoryStream::Counters& stream,
           const StreamTransport& transport) {
  auto& metrics = *report->mutable_metrics();
  metrics["sent_messages"] = static_cast<double>(stream.sent);
  metrics["lost_messages"] = static_cast<double>(stream.lost);
  metrics["rejected_messages"] = static_cast<double>(stream.rejected);
  metrics["connections"] = static_cast<double>(stream.connections);
  AddWait("credits", stream.credit_wait_current, report);
  const double since = transport.waiting_since();
  if (since > 0) AddWait("newer weights", MonotonicSeconds() - since, report);
}

// The loop takes all of sending for encoding: `seconds` of it were spent waiting, and `other` in
// what has a part of its own.
void CountWaitInSend(double seconds, double other, Report* report) {
  auto& metrics = *report->mutable_metrics();
  metrics["wait_seconds"] += seconds;
  metrics["encode_seconds"] = std::max(0.0, metrics["encode_seconds"] - seconds - other);
}

void AddTo(Report* report, const ReplayWriter::Counters& writer) {
  auto& metrics = *report->mutable_metrics();
  metrics["sent_messages"] = static_cast<double>(writer.sent);
  metrics["rejected_messages"] = static_cast<double>(writer.rejected);
  metrics["connections"] = static_cast<double>(writer.connections);
  metrics["insert_wait_seconds"] = writer.wait_seconds;
  CountWaitInSend(writer.wait_seconds, 0, report);
  AddWait("replay", writer.wait_current, report);
}

void AddTo(Report* report, const GradientPusher::Counters& pusher, double gradient_seconds) {
  auto& metrics = *report->mutable_metrics();
  metrics["sent_messages"] = static_cast<double>(pusher.sent);
  metrics["rejected_messages"] = static_cast<double>(pusher.rejected);
  metrics["too_old_messages"] = static_cast<double>(pusher.too_old);
  metrics["repeated_messages"] = static_cast<double>(pusher.again);
  metrics["policy_lag_max"] = static_cast<double>(pusher.lag_max);
  if (pusher.applied > 0) {
    metrics["policy_lag"] =
        static_cast<double>(pusher.lag_sum) / static_cast<double>(pusher.applied);
  }
  metrics["gradient_seconds"] = gradient_seconds;
  CountWaitInSend(pusher.wait_seconds, gradient_seconds, report);
  AddWait("newer weights", pusher.wait_current, report);
}

// How much of this actor was received before: what tells the actor's lives apart, so that none
// repeats another's episodes. Goes on with 0 when the work is over.
template <typename Stream>
absl::StatusOr<uint64_t> WaitForWelcome(const Worker& worker, Stream* stream) {
  while (!worker.over()) {
    absl::StatusOr<uint64_t> last =
        stream->WaitForWelcome(std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
    if (absl::IsCancelled(last.status())) break;
    if (!absl::IsDeadlineExceeded(last.status())) return last;
  }
  return 0;
}

// What an actor acts with, wherever its experience goes.
struct Player {
  UnrollBuilder builder;
  std::unique_ptr<VectorEnvironment> environments;
  ModelPolicy model;
  std::optional<MomentsRecorder> recorder;  // where the run normalises
  std::optional<ExploringPolicy> exploring;

  UnrollRecorder* unroll_recorder() { return recorder ? &*recorder : nullptr; }
  Policy* policy() { return exploring ? static_cast<Policy*>(&*exploring) : &model; }

  // Where the config says so. `frames` as ExploringPolicy.
  void Explore(const Worker& worker, uint32_t index, uint64_t restart,
               std::function<uint64_t()> frames) {
    const Experiment& experiment = worker.experiment();
    if (!experiment.has_exploration()) return;
    const Exploration& exploration = experiment.exploration();
    ExplorationNoise noise(exploration, worker.environment().action,
                           experiment.actors().environments(),
                           ExplorationSigma(exploration, index, experiment.actors().count()),
                           Random({experiment.seed(), kExplorationNoise, index, restart}));
    // A writer hears of its own server's frames, that is of a share of the run's.
    const uint64_t shares = UsesReplay(experiment) ? experiment.replay().shards() : 1;
    exploring.emplace(&model, std::move(noise), environments.get(),
                      (exploration.uniform_frames() + shares - 1) / shares, std::move(frames));
  }

  // `weights` are those it acts with; `restart`: of this actor's life.
  static absl::StatusOr<std::unique_ptr<Player>> Make(Worker* worker, WeightCache* weights,
                                                      uint32_t index, uint64_t restart) {
    const Experiment& experiment = worker->experiment();
    const EnvironmentSpec& environment = worker->environment();
    const int64_t copies = experiment.actors().environments();
    DROVER_ASSIGN_OR_RETURN(
        UnrollBuilder builder,
        UnrollBuilder::Make(worker->spec(), environment, copies, worker->model().state_elements()));
    DROVER_ASSIGN_OR_RETURN(std::unique_ptr<VectorEnvironment> environments,
                            MakeVectorEnvironment(environment.id, static_cast<int>(copies),
                                                  {experiment.seed(), index, restart},
                                                  experiment.environment_options()));
    std::optional<MomentsRecorder> recorder;
    if (experiment.model().has_normalization()) recorder.emplace(experiment);
    return std::unique_ptr<Player>(
        new Player{std::move(builder), std::move(environments),
                   ModelPolicy(&worker->model(), weights, copies,
                               environment.observation.elements(), ModelPolicy::Mode::kSample,
                               Random({experiment.seed(), kActionNoise, index, restart})),
                   std::move(recorder), std::nullopt});
  }
};

// Acts to the end. `add_to` says more in reports.
absl::Status Act(Worker* worker, Player* player, Policy* policy, Transport* transport,
                 const std::function<void(Report*)>& add_to, Report* last) {
  ActorLoop loop(
      player->environments.get(), policy, transport, &player->builder,
      [worker] { return worker->over(); }, worker->experiment().actors().whole_episodes(),
      player->unroll_recorder());
  const auto report = [&] {
    Report full = MakeReport(loop.progress());
    add_to(&full);
    return full;
  };
  worker->session()->SetReport(report);
  absl::Status status = loop.Run();
  worker->session()->SetReport(nullptr);  // it used the loop
  *last = report();
  return status;
}

// For the learner's queue.
absl::Status ActForQueue(Worker* worker, uint32_t index, TrajectoryStream* stream, Report* last) {
  DROVER_RETURN_IF_ERROR(worker->WaitForFirst());
  DROVER_ASSIGN_OR_RETURN(const uint64_t restart, WaitForWelcome(*worker, stream));
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Player> player,
                          Player::Make(worker, worker->weights(), index, restart));
  player->Explore(*worker, index, restart, [worker] { return worker->weights()->frames(); });
  Policy* const policy = player->policy();
  StreamTransport transport(stream, policy, [worker] { worker->WaitForNewer(); });
  Lockstep lockstep(player->environments.get(), policy, &transport, &player->builder,
                    player->unroll_recorder());
  const bool locked = worker->experiment().learner().lockstep();
  return Act(
      worker, player.get(), locked ? static_cast<Policy*>(&lockstep) : policy,
      locked ? static_cast<Transport*>(&lockstep) : &transport,
      [&](Report* report) { AddTo(report, stream->counters(), transport); }, last);
}

// For replay servers.
absl::Status ActForReplay(Worker* worker, uint32_t index, ReplayWriter* writer, Report* last) {
  const Experiment& experiment = worker->experiment();
  const Actors& actors = experiment.actors();
  DROVER_RETURN_IF_ERROR(worker->WaitForFirst());
  DROVER_ASSIGN_OR_RETURN(const uint64_t received, WaitForWelcome(*worker, writer));
  // A server may have lost what it had; then the learner knows that this is not the first life.
  const uint64_t restart = std::max(received, worker->weights()->frames());
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Player> player,
                          Player::Make(worker, worker->weights(), index, restart));
  player->Explore(*worker, index, restart, [writer] { return writer->counters().frames; });
  ReplayTransport transport(writer, experiment.replay(), actors.environments(), actors.unroll(),
                            [worker] { return worker->over(); });
  return Act(
      worker, player.get(), player->policy(), &transport,
      [&](Report* report) { AddTo(report, writer->counters()); }, last);
}

// For the learner, as gradients.
absl::Status ActForGradients(Worker* worker, uint32_t index, GradientPusher* pusher, Report* last) {
  const Experiment& experiment = worker->experiment();
  const absl::StatusOr<uint64_t> restart = pusher->Begin();
  if (absl::IsCancelled(restart.status())) return absl::OkStatus();
  DROVER_RETURN_IF_ERROR(restart.status());
  DROVER_ASSIGN_OR_RETURN(const Algorithm* const algorithm, FindAlgorithm(experiment.algorithm()));
  DROVER_ASSIGN_OR_RETURN(const UnrollLayout layout, UnrollLayout::Make(worker->spec()));
  DROVER_ASSIGN_OR_RETURN(const BatchView view,
                          BatchView::Make(&layout, static_cast<int64_t>(layout.steps()), at::kCPU));
  TrainStep step(experiment, *algorithm, worker->mutable_model());
  WeightCache weights([pusher](WeightSet* set) { return pusher->Take(set); },
                      worker->model().parameters().values());
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Player> player,
                          Player::Make(worker, &weights, index, *restart));
  GradientTransport transport({&layout, &view, &step, &weights, pusher},
                              experiment.actors().environments());
  return Act(
      worker, player.get(), player->policy(), &transport,
      [&](Report* report) { AddTo(report, pusher->counters(), transport.gradient_seconds()); },
      last);
}

absl::Status RunOnQueue(Worker* worker, uint32_t index, Report* last) {
  TrajectoryStream stream({worker->identity(), worker->learner(), SpecHash(worker->spec()),
                           worker->experiment().actors().environments(), PulseLimits()});
  absl::Status status = ActForQueue(worker, index, &stream, last);
  stream.Stop();
  return status;
}

// Actors are shared out among the servers.
absl::Status RunOnReplay(Worker* worker, uint32_t index, Report* last) {
  ReplayWriter::Options options;
  options.identity = worker->identity();
  options.server = worker->replay(index % worker->experiment().replay().shards());
  options.spec_hash = SpecHash(worker->spec());
  options.environments = worker->experiment().actors().environments();
  ReplayWriter writer(std::move(options));
  absl::Status status = ActForReplay(worker, index, &writer, last);
  writer.Stop();
  return status;
}

absl::Status RunOnGradients(Worker* worker, uint32_t index, Report* last) {
  GradientPusher::Options options;
  options.identity = worker->identity();
  options.learner = worker->learner();
  options.layout = {worker->model().layout_hash(), worker->model().parameters().values().nbytes()};
  options.stop = [worker] { return worker->over(); };
  GradientPusher pusher(std::move(options));
  return ActForGradients(worker, index, &pusher, last);
}

absl::Status Run(Worker* worker, uint32_t index, Report* last) {
  if (UsesReplay(worker->experiment())) return RunOnReplay(worker, index, last);
  if (PushesGradients(worker->experiment())) return RunOnGradients(worker, index, last);
  return RunOnQueue(worker, index, last);
}

}  // namespace

absl::Status RunActor(const ActorOptions& options) {
  at::set_num_threads(1);
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Worker> worker, Worker::Join(options, Role::actor));
  Report last;
  const absl::Status status = Run(worker.get(), worker->index(), &last);
  if (status.ok()) worker->WaitForEnd();
  return worker->Leave(status, last);
}

absl::Status RunEvaluator(const ActorOptions& options) {
  at::set_num_threads(1);
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Worker> worker,
                          Worker::Join(options, Role::evaluator));
  const EvaluationPlan& plan = worker->experiment().evaluation();
  if (plan.every_frames() == 0) {
    return worker->Leave(absl::InvalidArgumentError("evaluation.every_frames is 0: the run wants "
                                                    "no evaluator"),
                         Report());
  }
  const auto over = [&worker] { return worker->over(); };
  EvaluatorLoop loop(&worker->model(), worker->weights(), plan.every_frames(),
                     {worker->environment().id, plan.episodes(), plan.seed(), over,
                      worker->experiment().environment_options()},
                     [&worker] { return worker->WaitForNewer(); });
  const auto report = [&loop] {
    Report full;
    *full.mutable_evaluator() = loop.Report();
    return full;
  };
  worker->session()->SetReport(report, [&loop] { loop.ReportSent(); });
  absl::Status status = loop.Run();
  return worker->Leave(status, report());
}

}  // namespace drover
