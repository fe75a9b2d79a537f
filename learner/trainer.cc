#include "learner/trainer.h"

#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/algorithms/table.h"
#include "agent/device.h"
#include "agent/model/recurrent_core.h"
#include "common/file.h"
#include "common/rpc/limits.h"
#include "common/spec.h"
#include "common/status_macros.h"
#include "common/topology.h"
#include "env/registry.h"
#include "learner/checkpoint_tensors.h"
#include "learner/gradient_experience.h"
#include "learner/push_validator.h"
#include "learner/queue_experience.h"
#include "learner/replay_experience.h"
#include "learner/round.h"
#include "learner/target.h"

namespace drover {
namespace {

constexpr size_t kShownEpisodes = 100;  // in LearnerReport.mean_return

// Messages that credits allow to be queued.
size_t QueueCapacity(const Experiment& experiment) {
  const Learner& learner = experiment.learner();
  if (experiment.topology() == Topology::a2c) return Round::kMostMembers;
  const size_t unrolls = size_t{learner.max_policy_lag()} * learner.batch();
  return std::max<size_t>(1, unrolls / std::max(1U, experiment.actors().environments()));
}

// Of an actor's state in lockstep, in bytes: 0 without.
size_t MaxStateBytes(const Experiment& experiment, const EnvironmentSpec& environment) {
  if (!experiment.learner().lockstep()) return 0;
  const auto elements = static_cast<size_t>(environment.observation.elements() +
                                            RecurrentCore::StateElements(experiment.model()));
  constexpr size_t kReturnBytes = sizeof(double);  // where returns are normalised
  return (Environment::kMaxStateBytes + elements * sizeof(float) + kReturnBytes) *
         (size_t{1} + experiment.actors().environments());  // one more, for the policy
}

absl::Status CheckSizes(const Experiment& experiment, const UnrollLayout& layout,
                        size_t more_bytes) {
  const uint32_t environments = experiment.actors().environments();
  const Learner& learner = experiment.learner();
  DROVER_RETURN_IF_ERROR(
      CreditLedger::CheckProgress(environments, learner.batch(), learner.max_policy_lag()));
  if (layout.MaxMessageBytes(environments) + more_bytes <= kMaxMessageBytes)
    return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(environments, " unrolls of ", layout.steps(), " steps may not fit into the ",
                   kMaxMessageBytes, " bytes of a message: choose fewer actors.environments or a ",
                   "shorter actors.unroll"));
}

// What a gradient is of.
PushValidator::Options PushForm(const Experiment& experiment, const Model& model,
                                const MomentsSizes& moments) {
  return {model.layout_hash(), static_cast<size_t>(model.parameters().values().numel()),
          uint64_t{experiment.actors().unroll()} * experiment.actors().environments(), moments};
}

absl::Status CheckGradientSize(const PushValidator::Options& form) {
  const size_t bytes = PushValidator(form).MaxMessageBytes();
  if (bytes <= kMaxMessageBytes) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a gradient of ", form.parameters,
                                                 " numbers may not fit into the ", kMaxMessageBytes,
                                                 " bytes of a message: choose a smaller model"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Trainer>> Trainer::Make(Options options, LearnerServices* services) {
  std::unique_ptr<Trainer> trainer(new Trainer(std::move(options), services));
  DROVER_RETURN_IF_ERROR(trainer->Build());
  DROVER_ASSIGN_OR_RETURN(const CheckpointState start, trainer->Restore());
  DROVER_ASSIGN_OR_RETURN(trainer->tensorboard_, TensorboardWriter::Open(absl::StrCat(
                                                     trainer->options_.run_dir, "/tensorboard")));
  trainer->Open(start);
  return trainer;
}

Trainer::Trainer(Options options, LearnerServices* services)
    : options_(std::move(options)),
      services_(services),
      episodes_(std::max(kShownEpisodes, TargetWindow(options_.experiment))),
      queue_(QueueCapacity(options_.experiment)) {}

// Nothing may use the queue and the episodes when they are gone.
Trainer::~Trainer() { services_->Shutdown(std::chrono::milliseconds(0)); }

absl::Status Trainer::Build() {
  const Experiment& experiment = options_.experiment;
  at::set_num_threads(static_cast<int>(std::max(1U, experiment.learner().threads())));
  DROVER_ASSIGN_OR_RETURN(layout_, UnrollLayout::Make(options_.spec));
  DROVER_ASSIGN_OR_RETURN(
      const std::unique_ptr<Environment> environment,
      MakeEnvironment(experiment.environment(), experiment.environment_options()));
  actions_ = environment->spec().action.n;
  max_state_bytes_ = MaxStateBytes(experiment, environment->spec());
  moments_ = MomentsSizesOf(experiment.model().normalization(),
                            static_cast<size_t>(environment->spec().observation.elements()));
  const bool replays = UsesReplay(experiment);
  const bool pushes = PushesGradients(experiment);
  if (!replays && !pushes) {
    DROVER_RETURN_IF_ERROR(
        CheckSizes(experiment, *layout_, max_state_bytes_ + moments_.MaxBytes()));
  }
  DROVER_ASSIGN_OR_RETURN(const Algorithm* const algorithm, FindAlgorithm(experiment.algorithm()));
  DROVER_ASSIGN_OR_RETURN(const at::Device device, OpenDevice(experiment.device()));
  DROVER_ASSIGN_OR_RETURN(
      model_, Model::Make(experiment.model(), environment->spec(), experiment.seed(), device));
  if (pushes) DROVER_RETURN_IF_ERROR(CheckGradientSize(PushForm(experiment, *model_, moments_)));
  const uint32_t steps = replays ? experiment.replay().tables(0).steps() : options_.spec.steps();
  DROVER_ASSIGN_OR_RETURN(view_, BatchView::Make(&*layout_, steps, device));
  step_.emplace(experiment, *algorithm, model_.get());
  return absl::OkStatus();
}

absl::StatusOr<CheckpointState> Trainer::Restore() {
  const std::string root = CheckpointRoot(options_.run_dir);
  DROVER_RETURN_IF_ERROR(MakeDirectories(root));
  DROVER_ASSIGN_OR_RETURN(versions_, VersionBlock::Open(VersionsPath(options_.run_dir)));
  CheckpointState state;
  const absl::StatusOr<Checkpoint> newest = ReadNewestCheckpoint(root);
  if (newest.ok()) {
    if (!options_.resume) {
      return absl::FailedPreconditionError(
          absl::StrCat(root, " has checkpoints of an earlier run; go on from them with --resume"));
    }
    DROVER_RETURN_IF_ERROR(LoadCheckpointWeights(*newest, model_.get()));
    DROVER_RETURN_IF_ERROR(step_->Load(ToTensors(newest->optimizer)));
    state = newest->state;
    spdlog::info("goes on from {}: {} frames, {} updates", newest->path, state.frames,
                 state.updates);
  } else if (!absl::IsNotFound(newest.status())) {
    return newest.status();
  }
  // Not 0: with that number a subscriber says that it has none yet.
  state.version = std::max<uint64_t>(1, versions_->First(state.version));
  return state;
}

void Trainer::OpenQueue(const CheckpointState& start) {
  const Experiment& experiment = options_.experiment;
  const int64_t environments = experiment.actors().environments();
  const int64_t batch = experiment.learner().batch();
  const int64_t max_policy_lag = experiment.learner().max_policy_lag();
  TrajectoryReceiver* const receiver = services_->receiver();
  assembler_.emplace(BatchAssembler::Options{*layout_, environments, max_policy_lag, start.version,
                                             [receiver](int64_t n) { receiver->Release(n); }},
                     &queue_);
  experience_ = std::make_unique<QueueExperience>(&*view_, &*assembler_, receiver);
  receiver->Open({*layout_, SpecHash(options_.spec), actions_, environments, batch, max_policy_lag,
                  experiment.budget().max_frames(), max_state_bytes_,
                  experiment.topology() == Topology::a2c, moments_},
                 {start.frames, start.last_sequence, start.missing, start.actor_states}, &queue_,
                 &episodes_);
}

void Trainer::OpenGradients(const CheckpointState& start) {
  const Experiment& experiment = options_.experiment;
  const PushValidator::Options form = PushForm(experiment, *model_, moments_);
  const int64_t environments = experiment.actors().environments();
  GradientReceiver* const receiver = services_->gradients();
  experience_ = std::make_unique<GradientExperience>(
      GradientExperience::Options{environments, form.message_frames, start.trained_frames},
      model_.get(), receiver);
  receiver->Open(
      {form, environments, experiment.learner().max_policy_lag(), experiment.budget().max_frames()},
      {start.frames, start.last_sequence, start.missing}, &episodes_);
}

void Trainer::OpenReplay(const CheckpointState& start) {
  const Experiment& experiment = options_.experiment;
  const ReplayTable& table = experiment.replay().tables(0);
  ReplaySampler::Options options;
  options.identity = options_.identity;
  for (uint32_t shard = 0; shard < experiment.replay().shards(); ++shard) {
    options.servers.push_back([this, shard](std::chrono::milliseconds timeout) {
      return options_.replay_server(shard, timeout);
    });
  }
  options.layout = &*layout_;
  options.spec_hash = SpecHash(options_.spec);
  options.table = table.name();
  options.steps = table.steps();
  options.batch = experiment.learner().batch();
  options.seed = experiment.seed();
  sampler_ = std::make_unique<ReplaySampler>(std::move(options));
  experience_ = std::make_unique<ReplayExperience>(
      ReplayExperience::Parts{&experiment, &*view_, sampler_.get(), &episodes_, start.frames,
                              start.replay_frames, start.trained_frames});
}

void Trainer::Open(const CheckpointState& start) {
  const Experiment& experiment = options_.experiment;
  episodes_.Restore(start.episodes, start.newest_episodes);
  if (UsesReplay(experiment)) {
    OpenReplay(start);
  } else if (PushesGradients(experiment)) {
    OpenGradients(start);
  } else {
    OpenQueue(start);
  }
  loop_.emplace(LearnerLoop::Parts{&experiment, model_.get(), &*step_, experience_.get(),
                                   services_->publisher(), &episodes_, &*versions_, &metrics_},
                TrainedTotals{start.version, start.updates, start.trained_frames, start.lag_sum,
                              start.lag_max},
                start.seconds);
  checkpointer_.emplace(
      options_.run_dir,
      Checkpointer::Parts{&experiment, model_.get(), &*step_, experience_.get(), &episodes_,
                          &*loop_, [this] { return options_.identity().epoch; }});
  services_->publisher()->Open(model_->acting_layout_hash());
  Trained();
}

absl::StatusOr<EndReason::Kind> Trainer::Train(const std::function<bool()>& stop) {
  return loop_->Run({stop, [this] { Trained(); }, [this] { Save(); }, [this] { EachSecond(); }});
}

absl::Status Trainer::Finish() {
  experience_->Drain();
  return HandOver();
}

absl::Status Trainer::HandOver() {
  EachSecond();
  DROVER_RETURN_IF_ERROR(checkpointer_->Write());
  return versions_->Finish(loop_->totals().version);
}

void Trainer::Trained() {
  if (options_.experiment.learner().lockstep()) checkpointer_->Commit();
}

void Trainer::Save() {
  const bool failed_before = !checkpointer_->outcome().error.empty();
  const absl::Status status = checkpointer_->Write();
  if (!status.ok()) spdlog::error("no checkpoint, training goes on: {}", status.ToString());
  if (status.ok() && failed_before) spdlog::info("checkpoints are written again");
}

void Trainer::EachSecond() {
  metrics_.Set("checkpoint_failures", static_cast<double>(checkpointer_->outcome().failures));
  std::map<std::string, double> metrics = metrics_.Snapshot();
  const LearnerReport report = loop_->MakeReport().learner();
  const EpisodeStatistics::Summary episodes = episodes_.Last(kShownEpisodes);
  if (episodes.episodes > 0) metrics["return_std"] = episodes.std_return;
  {
    MutexLock lock(&mutex_);
    newest_metrics_ = metrics;
  }
  metrics["policy_lag"] = report.lag_mean();
  metrics["updates"] = static_cast<double>(report.updates());
  if (report.episodes() > 0) {
    metrics["mean_return"] = report.mean_return();
    metrics["episode_length"] = episodes.mean_length;
  }
  tensorboard_->Add(static_cast<int64_t>(report.frames()), metrics);
  const absl::Status status = tensorboard_->Flush();
  if (!status.ok() && !points_lost_) {
    spdlog::error("TensorBoard misses points: {}", status.ToString());
  }
  points_lost_ = !status.ok();
}

Report Trainer::MakeReport() const {
  Report report = loop_->MakeReport();
  const Checkpointer::Outcome checkpoints = checkpointer_->outcome();
  report.mutable_learner()->set_checkpoint(checkpoints.newest);
  report.mutable_learner()->set_checkpoint_error(checkpoints.error);
  MutexLock lock(&mutex_);
  report.mutable_metrics()->insert(newest_metrics_.begin(), newest_metrics_.end());
  return report;
}

}  // namespace drover
