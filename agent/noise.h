#ifndef DROVER_AGENT_NOISE_H_
#define DROVER_AGENT_NOISE_H_

#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace drover {

// What the losses of one train step draw at random: a function of the run's seed, the step's
// number and the order of the draws, so that a resumed run draws the same.
class Noise {
 public:
  Noise(uint64_t seed, uint64_t update);

  // Standard normal numbers, float32 on the device of `like` and of its shape.
  at::Tensor NormalLike(const at::Tensor& like);

 private:
  at::Generator generator_;
};

}  // namespace drover

#endif  // DROVER_AGENT_NOISE_H_
