#include "actor/gradient_transport.h"

#include "absl/status/status.h"
#include "common/clock.h"

namespace drover {

absl::Status GradientTransport::AcquireCredits(Time /*deadline*/) {
  return over() ? absl::CancelledError("the learner takes no more") : absl::OkStatus();
}

absl::Status GradientTransport::Send(Unrolls* unrolls) {
  const double start = MonotonicSeconds();
  Differentiate(*unrolls);
  gradient_seconds_.store(gradient_seconds() + MonotonicSeconds() - start,
                          std::memory_order_relaxed);
  request_.set_version(parts_.weights->version());
  request_.mutable_episodes()->Swap(unrolls->mutable_episodes());
  if (unrolls->has_observation_moments()) {
    *request_.mutable_observation_moments() = unrolls->observation_moments();
  }
  if (unrolls->has_return_moments()) {
    *request_.mutable_return_moments() = unrolls->return_moments();
  }
  request_.set_started_unix_micros(unrolls->started_unix_micros());
  absl::Status status = parts_.pusher->Push(&request_);
  request_.mutable_episodes()->Swap(unrolls->mutable_episodes());
  unrolls->set_sequence(request_.sequence());
  return status;
}

void GradientTransport::Differentiate(const Unrolls& unrolls) {
  buffer_.Clear(parts_.weights->version(), environments_);
  buffer_.Add(unrolls, environments_, 0, environments_);
  const Batch batch =
      parts_.view->View(environments_, &buffer_.leaves(), &buffer_.final_positions());
  const TrainStep::Gradient gradient =
      parts_.step->Differentiate(batch, parts_.weights->trained_frames());
  request_.mutable_gradient()->assign(static_cast<const char*>(gradient.values.const_data_ptr()),
                                      gradient.values.nbytes());
  request_.mutable_statistics()->clear();
  request_.mutable_statistics()->insert(gradient.statistics.begin(), gradient.statistics.end());
}

}  // namespace drover
