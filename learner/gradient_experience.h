#ifndef DROVER_LEARNER_GRADIENT_EXPERIENCE_H_
#define DROVER_LEARNER_GRADIENT_EXPERIENCE_H_

#include <string>

#include "agent/model/model.h"
#include "learner/experience.h"
#include "learner/gradient_receiver.h"

namespace drover {

// Gradients that actors computed, one by one as they come, at most max_policy_lag versions old. An
// actor has its answer, the newest weights, when its gradient is in them.
class GradientExperience final : public Experience {
 public:
  struct Options {
    int64_t environments = 0;     // E of every actor
    uint64_t message_frames = 0;  // T * E: environment steps of a gradient
    uint64_t trained_frames = 0;  // at the start
  };

  // Both outlive it.
  GradientExperience(const Options& options, const Model* model, GradientReceiver* receiver)
      : options_(options),
        model_(model),
        receiver_(receiver),
        trained_frames_(options.trained_frames) {}

  absl::StatusOr<const TrainingBatch*> Next(Time deadline) override;
  bool finished() const override { return receiver_->finished(); }
  void SetVersion(uint64_t version) override;
  void Trained(const at::Tensor& /*priority*/) override { receiver_->Answer(); }
  bool budget_spent() const override { return receiver_->budget_spent(); }
  uint64_t frames() const override { return receiver_->counters().frames; }
  uint64_t started_unix_micros() const override {
    return receiver_->counters().started_unix_micros;
  }
  ReceivedTotals totals(const std::function<void()>& meanwhile) const override {
    return receiver_->totals(meanwhile);
  }
  void Drain() override { receiver_->Drain(); }
  void AddTo(Report* report) const override;
  void AddTo(Metrics* metrics) const override;

 private:
  const Options options_;
  const Model* const model_;
  GradientReceiver* const receiver_;
  uint64_t version_ = 0;         // 0: none was set
  uint64_t trained_frames_ = 0;  // with the batch at hand
  std::string gradient_;         // its memory
  TrainingBatch batch_;
};

}  // namespace drover

#endif  // DROVER_LEARNER_GRADIENT_EXPERIENCE_H_
