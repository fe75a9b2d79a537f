#include "learner/replay_experience.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "client/report_wait.h"
#include "common/clock.h"
#include "common/status_macros.h"

namespace drover {

ReplayExperience::ReplayExperience(const Parts& parts)
    : parts_(parts), frames_(parts.frames_before) {}

absl::StatusOr<const TrainingBatch*> ReplayExperience::Next(Time deadline) {
  Notice();
  if (finished()) return nullptr;
  const absl::Status status = parts_.sampler->Next(&items_, deadline);
  Notice();
  if (absl::IsDeadlineExceeded(status)) return nullptr;
  DROVER_RETURN_IF_ERROR(status);
  View();
  return &batch_;
}

// Servers that lost what they had count from where they are; what was counted stays.
void ReplayExperience::Notice() {
  for (const Episode& episode : parts_.sampler->TakeEpisodes()) {
    parts_.episodes->Add(episode.return_(), episode.length());
  }
  const uint64_t now = parts_.sampler->counters().frames;
  if (now > heard_) {
    if (started_unix_micros_.load() == 0) started_unix_micros_ = UnixMicros();
    frames_ += now - heard_;
  }
  heard_ = now;
}

void ReplayExperience::View() {
  const size_t items = items_.keys.size();
  final_positions_.clear();
  for (const auto& [step, item] : items_.finals) {
    final_positions_.push_back(static_cast<int64_t>(step * items + item));
  }
  batch_.batch = parts_.view->View(&items_.columns, &final_positions_);
  inverse_probability_.clear();
  for (const double probability : items_.probabilities) {
    inverse_probability_.push_back(
        static_cast<float>(1 / (static_cast<double>(items_.items) * probability)));
  }
  batch_.batch.inverse_probability =
      at::from_blob(inverse_probability_.data(), {static_cast<int64_t>(items)})
          .to(batch_.batch.reward.device());

  batch_.frames = 0;
  batch_.lag_sum = 0;
  batch_.lag_max = 0;
  for (size_t i = 0; i < items; ++i) {
    if (items_.times_sampled[i] > 1) continue;
    const uint64_t age = version_ - std::min(version_, items_.versions[i]);
    ++batch_.frames;
    batch_.lag_sum += static_cast<double>(age);
    batch_.lag_max = std::max(batch_.lag_max, age);
  }
}

void ReplayExperience::Trained(const at::Tensor& priority) {
  if (!parts_.prioritized || !priority.defined()) return;
  const at::Tensor host = priority.cpu().contiguous();
  const auto* values = host.const_data_ptr<float>();
  parts_.sampler->Update(items_.keys, std::vector<float>(values, values + host.numel()));
}

ReceivedTotals ReplayExperience::totals(const std::function<void()>& meanwhile) const {
  if (meanwhile) meanwhile();
  ReceivedTotals totals;
  totals.frames = frames();
  return totals;
}

void ReplayExperience::AddTo(Report* report) const {
  report->mutable_learner()->set_frames(frames());
  AddWait("replay", parts_.sampler->counters().wait_current, report);
}

void ReplayExperience::AddTo(Metrics* metrics) const {
  const ReplaySampler::Counters counters = parts_.sampler->counters();
  metrics->Set("replay_items", static_cast<double>(counters.items));
  metrics->Set("priorities_lost", static_cast<double>(counters.priorities.dropped));
}

}  // namespace drover
