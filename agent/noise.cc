#include "agent/noise.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/randn.h>

#include "common/random.h"

namespace drover {
namespace {

constexpr uint64_t kLossNoise = 0x6c6f7373;  // keeps these draws apart from others of the seed

}  // namespace

Noise::Noise(uint64_t seed, uint64_t update)
    : generator_(at::detail::createCPUGenerator(Random({seed, kLossNoise, update}).Next())) {}

at::Tensor Noise::NormalLike(const at::Tensor& like) {
  return at::randn(like.sizes(), generator_, at::TensorOptions(at::kFloat)).to(like.device());
}

}  // namespace drover
