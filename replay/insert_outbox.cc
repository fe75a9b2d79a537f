#include "replay/insert_outbox.h"

#include "common/check.h"

namespace drover {

void InsertOutbox::Welcome(uint64_t last_sequence, uint64_t frames) {
  welcome_.emplace().set_last_sequence(last_sequence);
  welcome_->set_frames(frames);
}

void InsertOutbox::Reject(uint64_t sequence, const std::string& reason) {
  DROVER_CHECK(!rejected_);
  rejected_.emplace().set_sequence(sequence);
  rejected_->set_reason(reason);
}

void InsertOutbox::Acknowledge(uint64_t sequence, uint64_t frames) {
  if (!ack_) ack_.emplace();
  ack_->set_sequence(sequence);
  ack_->set_frames(frames);
}

std::optional<InsertAnswer> InsertOutbox::Next() const {
  InsertAnswer answer;
  if (welcome_) {
    *answer.mutable_welcome() = *welcome_;
  } else if (rejected_) {
    *answer.mutable_rejected() = *rejected_;
  } else if (ack_) {
    *answer.mutable_ack() = *ack_;
  } else if (drain_) {
    answer.mutable_drain();
  } else if (heartbeat_) {
    answer.mutable_heartbeat();
  } else {
    return std::nullopt;
  }
  return answer;
}

void InsertOutbox::Sent() {
  heartbeat_ = false;  // whatever was sent is as good
  if (welcome_) {
    welcome_.reset();
  } else if (rejected_) {
    rejected_.reset();
  } else if (ack_) {
    ack_.reset();
  } else {
    drain_ = false;
  }
}

}  // namespace drover
