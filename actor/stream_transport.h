#ifndef DROVER_ACTOR_STREAM_TRANSPORT_H_
#define DROVER_ACTOR_STREAM_TRANSPORT_H_

#include "actor/transport.h"
#include "client/trajectory_stream.h"

namespace drover {

// Sends unrolls to the learner over gRPC.
class StreamTransport final : public Transport {
 public:
  // `stream` outlives this.
  explicit StreamTransport(TrajectoryStream* stream) : stream_(stream) {}

  absl::Status AcquireCredits(Time deadline) override { return stream_->AcquireCredits(deadline); }
  absl::Status Send(Unrolls* unrolls) override { return stream_->Send(unrolls); }
  bool over() const override { return stream_->over(); }

 private:
  TrajectoryStream* const stream_;
};

}  // namespace drover

#endif  // DROVER_ACTOR_STREAM_TRANSPORT_H_
