#include "learner/queue_experience.h"

#include <string>
#include <utility>

#include "client/report_wait.h"
#include "common/check.h"

namespace drover {

absl::StatusOr<const TrainingBatch*> QueueExperience::Next(Time deadline) {
  BatchBuffer* const buffer = assembler_->Next(deadline);
  if (buffer == nullptr) return nullptr;
  DROVER_CHECK(buffer->version() == version_)
      << "a batch for version " << buffer->version() << " at version " << version_;
  batch_.batch = view_->View(static_cast<int64_t>(buffer->unrolls()), &buffer->leaves(),
                             &buffer->final_positions());
  batch_.seen = std::move(buffer->seen());
  batch_.frames = static_cast<uint64_t>(batch_.batch.steps() * batch_.batch.unrolls());
  batch_.lag_sum = static_cast<double>(buffer->lag_sum());
  batch_.lag_max = buffer->lag_max();
  batch_.lags = buffer->lags();
  return &batch_;
}

ReceivedTotals QueueExperience::totals(const std::function<void()>& meanwhile) const {
  return receiver_->totals(meanwhile);
}

void QueueExperience::SetVersion(uint64_t version) {
  version_ = version;
  receiver_->SetVersion(version);
}

void QueueExperience::Trained(const at::Tensor& /*priority*/) {
  receiver_->Release(batch_.batch.unrolls());
}

void QueueExperience::AddTo(Report* report) const {
  const TrajectoryCounters received = receiver_->counters();
  const AssemblerCounters assembler = assembler_->counters();
  LearnerReport* learner = report->mutable_learner();
  learner->set_frames(received.frames);
  learner->set_rejected_unrolls(received.rejected_unrolls);
  learner->set_refused_streams(learner->refused_streams() + received.refused_streams);
  learner->set_queued_unrolls(static_cast<uint64_t>(received.queued_unrolls));
  learner->set_credits_out(static_cast<uint64_t>(received.credits_out));
  learner->set_dropped_unrolls(assembler.dropped_unrolls);
  AddWait("unrolls", assembler.unrolls_wait_current, report);
  AddWait("train step", assembler.learner_wait_current, report);
}

void QueueExperience::AddTo(Metrics* metrics) const {
  const AssemblerCounters assembler = assembler_->counters();
  for (const auto& [name, seconds] : {
           std::pair("receive_seconds", receiver_->counters().seconds),
           std::pair("assemble_seconds", assembler.assembling),
           std::pair("assemble_wait_seconds", assembler.waiting_for_unrolls),
           std::pair("assemble_blocked_seconds", assembler.waiting_for_learner),
       }) {
    metrics->Set(name, seconds);
  }
}

}  // namespace drover
