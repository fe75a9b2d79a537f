#include "learner/gradient_experience.h"

#include <ATen/ops/from_blob.h>

#include <optional>
#include <utility>

namespace drover {

absl::StatusOr<const TrainingBatch*> GradientExperience::Next(Time deadline) {
  std::optional<ReceivedGradient> received = receiver_->Next(deadline);
  if (!received) return nullptr;
  const at::Tensor& parameters = model_->parameters().values();
  gradient_ = std::move(received->values);
  batch_.gradient =
      at::from_blob(gradient_.data(), {parameters.numel()}, at::kFloat).to(parameters.device());
  batch_.statistics = std::move(received->statistics);
  batch_.seen.clear();
  batch_.seen.push_back(std::move(received->seen));
  batch_.frames = options_.message_frames;
  batch_.lag_sum = static_cast<double>(received->lag * batch_.frames);
  batch_.lag_max = received->lag;
  batch_.lags = {{received->lag, batch_.frames}};
  trained_frames_ += batch_.frames;
  return &batch_;
}

// Encoded for each version, since each goes to the actor whose gradient made it.
void GradientExperience::SetVersion(uint64_t version) {
  if (version == version_) return;
  version_ = version;
  const at::Tensor values = model_->parameters().values().cpu().contiguous();
  receiver_->SetWeights(version, trained_frames_,
                        {static_cast<const char*>(values.const_data_ptr()), values.nbytes()});
}

void GradientExperience::AddTo(Report* report) const {
  const GradientCounters received = receiver_->counters();
  const auto unrolls = static_cast<uint64_t>(options_.environments);
  LearnerReport* learner = report->mutable_learner();
  learner->set_frames(received.frames);
  learner->set_rejected_unrolls(received.not_finite * unrolls);
  learner->set_refused_streams(learner->refused_streams() + received.refused);
  learner->set_queued_unrolls(static_cast<uint64_t>(received.pending) * unrolls);
  learner->set_dropped_unrolls(received.too_old * unrolls);
}

void GradientExperience::AddTo(Metrics* metrics) const {
  const GradientCounters received = receiver_->counters();
  for (const auto& [name, value] : {
           std::pair("receive_seconds", received.seconds),
           std::pair("gradients_applied", static_cast<double>(received.applied)),
           std::pair("gradients_repeated", static_cast<double>(received.repeated)),
           std::pair("gradients_not_finite", static_cast<double>(received.not_finite)),
           std::pair("gradients_too_old", static_cast<double>(received.too_old)),
       }) {
    metrics->Set(name, value);
  }
}

}  // namespace drover
