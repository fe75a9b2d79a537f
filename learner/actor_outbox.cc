#include "learner/actor_outbox.h"

#include "common/check.h"

namespace drover {

void ActorOutbox::Welcome(uint64_t last_sequence, const std::string& state) {
  welcome_.emplace().set_last_sequence(last_sequence);
  welcome_->set_state(state);
}

void ActorOutbox::Reject(uint64_t sequence, const std::string& reason) {
  DROVER_CHECK(!rejected_);
  rejected_.emplace().set_sequence(sequence);
  rejected_->set_reason(reason);
}

void ActorOutbox::Drain() {
  drain_ = true;
  credits_ = 0;
}

void ActorOutbox::Grant(int64_t unrolls, uint64_t version) {
  credits_ += unrolls;
  version_ = version;
}

void ActorOutbox::Heartbeat() { heartbeat_ = true; }

std::optional<LearnerMessage> ActorOutbox::Next() const {
  LearnerMessage message;
  if (welcome_) {
    *message.mutable_welcome() = *welcome_;
  } else if (rejected_) {
    *message.mutable_rejected() = *rejected_;
  } else if (drain_) {
    message.mutable_drain();
  } else if (credits_ > 0) {
    message.mutable_credit()->set_unrolls(static_cast<uint32_t>(credits_));
    message.mutable_credit()->set_version(version_);
  } else if (heartbeat_) {
    message.mutable_heartbeat();
  } else {
    return std::nullopt;
  }
  return message;
}

void ActorOutbox::Sent() {
  heartbeat_ = false;  // whatever was sent is as good
  if (welcome_) {
    welcome_.reset();
  } else if (rejected_) {
    rejected_.reset();
  } else if (drain_) {
    drain_ = false;
  } else {
    credits_ = 0;
  }
}

}  // namespace drover
