#ifndef DROVER_ACTOR_WEIGHT_CACHE_H_
#define DROVER_ACTOR_WEIGHT_CACHE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>

#include "client/weights_assembler.h"

namespace drover {

// Puts newer weights into the parameters that a policy acts with, between two
// of its steps. One thread: the policy's.
class WeightCache {
 public:
  // Swaps the newest set in and gives back the old buffer; false: nothing new. It must be cheap:
  // WeightsSubscriber::Take.
  using TakeFn = std::function<bool(WeightSet*)>;

  // `parameters` [P] float32 on the CPU, contiguous: written in place. Sets
  // have P * 4 bytes: whoever takes them has checked it.
  WeightCache(TakeFn take, at::Tensor parameters);

  // True: the weights have changed.
  bool Update();

  uint64_t version() const { return version_; }  // 0: none has arrived
  uint64_t frames() const { return frames_; }    // received by the learner when it published it
  uint64_t trained_frames() const { return trained_frames_; }  // that went into this version

 private:
  const TakeFn take_;
  const at::Tensor parameters_;
  WeightSet set_;
  uint64_t version_ = 0;
  uint64_t frames_ = 0;
  uint64_t trained_frames_ = 0;
};

}  // namespace drover

#endif  // DROVER_ACTOR_WEIGHT_CACHE_H_
