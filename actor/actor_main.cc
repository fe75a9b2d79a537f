#include "actor/actor_main.h"

#include <ATen/Parallel.h>

#include <chrono>
#include <memory>
#include <string>

#include "actor/actor_loop.h"
#include "actor/evaluator_loop.h"
#include "actor/lockstep.h"
#include "actor/model_policy.h"
#include "actor/stream_transport.h"
#include "actor/worker.h"
#include "client/report_wait.h"
#include "client/trajectory_stream.h"
#include "common/clock.h"
#include "common/random.h"
#include "common/spec.h"
#include "common/status_macros.h"
#include "env/registry.h"
#include "env/vector_environment.h"

namespace drover {
namespace {

constexpr uint64_t kActionNoise = 0x616374696f6e;  // keeps it apart from the environments' numbers

Report MakeReport(const ActorProgress& progress, const TrajectoryStream::Counters& stream,
                  const StreamTransport& transport) {
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
  metrics["sent_messages"] = static_cast<double>(stream.sent);
  metrics["lost_messages"] = static_cast<double>(stream.lost);
  metrics["rejected_messages"] = static_cast<double>(stream.rejected);
  metrics["connections"] = static_cast<double>(stream.connections);
  AddWait("credits", stream.credit_wait_current, &report);
  const double since = transport.waiting_since();
  if (since > 0) AddWait("newer weights", MonotonicSeconds() - since, &report);
  return report;
}

// How much the learner had of this actor before: what tells the actor's lives apart, so that none
// repeats another's episodes. Goes on with 0 when the work is over.
absl::StatusOr<uint64_t> WaitForWelcome(const Worker& worker, TrajectoryStream* stream) {
  while (!worker.over()) {
    absl::StatusOr<uint64_t> last =
        stream->WaitForWelcome(std::chrono::steady_clock::now() + std::chrono::milliseconds(100));
    if (absl::IsCancelled(last.status())) break;
    if (!absl::IsDeadlineExceeded(last.status())) return last;
  }
  return 0;
}

absl::Status Act(Worker* worker, uint32_t index, TrajectoryStream* stream, Report* last) {
  const Experiment& experiment = worker->experiment();
  const EnvironmentSpec& environment = worker->environment();
  const int64_t copies = experiment.actors().environments();
  DROVER_ASSIGN_OR_RETURN(UnrollBuilder builder,
                          UnrollBuilder::Make(worker->spec(), environment, copies));
  DROVER_RETURN_IF_ERROR(worker->WaitForFirst());
  DROVER_ASSIGN_OR_RETURN(const uint64_t restart, WaitForWelcome(*worker, stream));
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<VectorEnvironment> environments,
                          MakeVectorEnvironment(environment.id, static_cast<int>(copies),
                                                {experiment.seed(), index, restart}));
  ModelPolicy policy(&worker->model(), worker->weights(), copies,
                     environment.observation.elements(), ModelPolicy::Mode::kSample,
                     Random({experiment.seed(), kActionNoise, index, restart}));
  StreamTransport transport(stream, &policy, [worker] { worker->WaitForNewer(); });
  Lockstep lockstep(environments.get(), &policy, &transport, &builder);
  const bool locked = experiment.learner().lockstep();
  ActorLoop loop(environments.get(), locked ? static_cast<Policy*>(&lockstep) : &policy,
                 locked ? static_cast<Transport*>(&lockstep) : &transport, &builder,
                 [worker] { return worker->over(); });
  const auto report = [&loop, &transport, stream] {
    return MakeReport(loop.progress(), stream->counters(), transport);
  };
  worker->session()->SetReport(report);
  absl::Status status = loop.Run();
  worker->session()->SetReport(nullptr);  // it used the loop
  *last = report();
  return status;
}

}  // namespace

absl::Status RunActor(const ActorOptions& options) {
  at::set_num_threads(1);
  DROVER_ASSIGN_OR_RETURN(const std::unique_ptr<Worker> worker, Worker::Join(options, Role::actor));
  TrajectoryStream stream({worker->identity(), worker->learner(), SpecHash(worker->spec()),
                           worker->experiment().actors().environments(), PulseLimits()});
  Report last;
  absl::Status status = Act(worker.get(), options.index, &stream, &last);
  stream.Stop();
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
                     {worker->environment().id, plan.episodes(), plan.seed(), over},
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
