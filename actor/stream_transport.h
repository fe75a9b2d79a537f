#ifndef DROVER_ACTOR_STREAM_TRANSPORT_H_
#define DROVER_ACTOR_STREAM_TRANSPORT_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <utility>

#include "actor/policy.h"
#include "actor/transport.h"
#include "client/trajectory_stream.h"

namespace drover {

// Sends unrolls to the learner over gRPC. Credits are acquired once the policy has the weights that
// they name: else the policy lag would grow by however late weights arrive.
class StreamTransport final : public Transport {
 public:
  // All outlive this. `wait` waits a little for newer weights.
  StreamTransport(TrajectoryStream* stream, Policy* policy, std::function<void()> wait)
      : stream_(stream), policy_(policy), wait_(std::move(wait)) {}

  absl::Status AcquireCredits(Time deadline) override;
  absl::Status Send(Unrolls* unrolls) override { return stream_->Send(unrolls); }
  bool over() const override { return stream_->over(); }

  // Of the credits acquired last, and the version that the policy then had.
  const TrajectoryStream::Terms& terms() const { return terms_; }
  uint64_t version() const { return version_; }

  // Since when, in MonotonicSeconds(), it waits for weights that are late; 0: it does not. Any
  // thread.
  double waiting_since() const { return waiting_since_.load(std::memory_order_relaxed); }

 private:
  TrajectoryStream* const stream_;
  Policy* const policy_;
  const std::function<void()> wait_;

  TrajectoryStream::Terms terms_;
  bool held_ = false;  // credits that the loop does not know of yet
  uint64_t version_ = 0;
  std::atomic<double> waiting_since_{0};
};

}  // namespace drover

#endif  // DROVER_ACTOR_STREAM_TRANSPORT_H_
