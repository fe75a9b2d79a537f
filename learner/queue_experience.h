#ifndef DROVER_LEARNER_QUEUE_EXPERIENCE_H_
#define DROVER_LEARNER_QUEUE_EXPERIENCE_H_

#include "agent/batch_view.h"
#include "learner/batch_assembler.h"
#include "learner/experience.h"
#include "learner/trajectory_receiver.h"

namespace drover {

// Batches of unrolls as actors send them, each trained once, at most max_policy_lag versions old.
class QueueExperience final : public Experience {
 public:
  // All outlive it.
  QueueExperience(const BatchView* view, BatchAssembler* assembler, TrajectoryReceiver* receiver)
      : view_(view), assembler_(assembler), receiver_(receiver) {}

  absl::StatusOr<const TrainingBatch*> Next(Time deadline) override;
  bool finished() const override { return assembler_->finished(); }
  void SetVersion(uint64_t version) override;
  void Trained(const at::Tensor& priority) override;
  bool budget_spent() const override { return receiver_->budget_spent(); }
  uint64_t frames() const override { return receiver_->counters().frames; }
  uint64_t started_unix_micros() const override {
    return receiver_->counters().started_unix_micros;
  }
  ReceivedTotals totals(const std::function<void()>& meanwhile) const override;
  void Drain() override { receiver_->Drain(); }
  void AddTo(Report* report) const override;
  void AddTo(Metrics* metrics) const override;

 private:
  const BatchView* const view_;
  BatchAssembler* const assembler_;
  TrajectoryReceiver* const receiver_;
  uint64_t version_ = 0;
  TrainingBatch batch_;
};

}  // namespace drover

#endif  // DROVER_LEARNER_QUEUE_EXPERIENCE_H_
