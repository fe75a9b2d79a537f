#include "learner/replay_experience.h"

#include <ATen/ops/from_blob.h>

#include <algorithm>

#include "agent/coefficient/schedule.h"
#include "client/report_wait.h"
#include "common/clock.h"
#include "common/importance.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr double kLeastPriority = 1e-6;  // no item is never sampled again

}  // namespace

ReplayExperience::ReplayExperience(const Parts& parts)
    : parts_(parts),
      trained_frames_(parts.trained_frames),
      heard_(parts.replay_frames),
      known_(parts.replay_frames),
      frames_(parts.frames) {}

bool ReplayExperience::budget_spent() const {
  return parts_.sampler->counters().drained || frames() >= parts_.experiment->budget().max_frames();
}

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
  const std::vector<Episode> episodes = parts_.sampler->TakeEpisodes();
  const ReplaySampler::Counters counters = parts_.sampler->counters();
  if (!met_) {
    // Until all have said how much they have, nobody knows how much of it is new.
    if (!counters.met_all) return;
    met_ = true;
  }
  const uint64_t heard = counters.frames + counters.lost_frames;  // never falls
  if (heard > heard_) {
    if (started_unix_micros_.load() == 0) started_unix_micros_ = UnixMicros();
    frames_ += heard - heard_;
  }
  heard_ = heard;
  known_ = counters.frames;
  // What a server tells a learner first are episodes of before, which a checkpoint has.
  if (trained_frames_ == parts_.trained_frames && parts_.trained_frames > 0) return;
  for (const Episode& episode : episodes) {
    parts_.episodes->Add(episode.return_(), episode.length());
  }
}

void ReplayExperience::View() {
  const size_t items = items_.keys.size();
  final_positions_.clear();
  for (const auto& [step, item] : items_.finals) {
    final_positions_.push_back(static_cast<int64_t>(step * items + item));
  }
  batch_.batch = parts_.view->View(static_cast<int64_t>(items), &items_.columns, &final_positions_);
  Weigh();
  CountFrames();
}

void ReplayExperience::Weigh() {
  const Loss& config = parts_.experiment->loss();
  const size_t items = items_.probabilities.size();
  weights_.resize(items);
  ImportanceWeights(items_.probabilities, static_cast<double>(items_.items),
                    ValueAt(config.priority_beta(), trained_frames_), absl::MakeSpan(weights_));
  if (!config.raw_priority_weights()) {
    DivideBy(*std::max_element(weights_.begin(), weights_.end()), absl::MakeSpan(weights_));
  }
  batch_.batch.weight = at::from_blob(weights_.data(), {static_cast<int64_t>(items)}, at::kDouble)
                            .to(batch_.batch.reward.device(), at::kFloat);
}

void ReplayExperience::CountFrames() {
  const size_t items = items_.keys.size();
  double ages = 0;
  batch_.frames = 0;
  batch_.lag_max = 0;
  batch_.lags.clear();
  for (size_t i = 0; i < items; ++i) {
    const uint64_t age = version_ - std::min(version_, items_.versions[i]);
    ages += static_cast<double>(age);
    batch_.lag_max = std::max(batch_.lag_max, age);
    batch_.lags.emplace_back(age, 1);
    if (items_.times_sampled[i] == 1) ++batch_.frames;
  }
  // The report divides by frames: so each batch's mean age counts in proportion to its new ones.
  batch_.lag_sum = ages / static_cast<double>(items) * static_cast<double>(batch_.frames);
  trained_frames_ += batch_.frames;
}

void ReplayExperience::Trained(const at::Tensor& priority) {
  const bool wanted =
      parts_.experiment->replay().tables(0).sampler() == SelectorConfig::prioritized;
  if (!wanted || !priority.defined()) return;
  const at::Tensor host = priority.cpu().contiguous();
  const auto* values = host.const_data_ptr<float>();
  std::vector<float> priorities;
  for (int64_t i = 0; i < host.numel(); ++i) {
    priorities.push_back(static_cast<float>(PriorityOf(values[i], kLeastPriority)));
  }
  parts_.sampler->Update(items_.keys, priorities);
}

ReceivedTotals ReplayExperience::totals(const std::function<void()>& meanwhile) const {
  if (meanwhile) meanwhile();
  ReceivedTotals totals;
  totals.frames = frames();
  totals.replay_frames = known_;
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
