#ifndef DROVER_ACTOR_GRADIENT_TRANSPORT_H_
#define DROVER_ACTOR_GRADIENT_TRANSPORT_H_

#include <atomic>
#include <cstdint>
#include <string>

#include "actor/transport.h"
#include "actor/weight_cache.h"
#include "agent/batch_view.h"
#include "agent/train_step.h"
#include "client/gradient_pusher.h"
#include "common/batch_buffer.h"
#include "common/unroll_layout.h"
#include "proto/gradients.pb.h"

namespace drover {

// Learns from unrolls where they were made: of each message, one batch, it computes the gradient
// and pushes that, and waits for the weights that come back. So the next unroll is acted wholly
// with weights in which this one's gradient is.
class GradientTransport final : public Transport {
 public:
  // All outlive this. `view` is of the layout's T steps; `step` computes with the model that acts,
  // whose weights `weights` takes from `pusher`.
  struct Parts {
    const UnrollLayout* layout = nullptr;
    const BatchView* view = nullptr;
    TrainStep* step = nullptr;
    const WeightCache* weights = nullptr;
    GradientPusher* pusher = nullptr;
  };
  // Messages are of `environments` unrolls.
  GradientTransport(const Parts& parts, uint32_t environments)
      : parts_(parts), environments_(environments), buffer_(parts.layout) {}

  absl::Status AcquireCredits(Time deadline) override;
  absl::Status Send(Unrolls* unrolls) override;
  bool over() const override { return parts_.pusher->over(); }

  // Seconds so far of computing gradients. Any thread.
  double gradient_seconds() const { return gradient_seconds_.load(std::memory_order_relaxed); }

 private:
  void Differentiate(const Unrolls& unrolls);

  const Parts parts_;
  const uint32_t environments_;
  BatchBuffer buffer_;
  PushRequest request_;
  std::atomic<double> gradient_seconds_{0};
};

}  // namespace drover

#endif  // DROVER_ACTOR_GRADIENT_TRANSPORT_H_
