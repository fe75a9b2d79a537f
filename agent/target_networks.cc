#include "agent/target_networks.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/lerp.h>

namespace drover {

TargetNetworks::TargetNetworks(const TargetNetworksConfig& config, const Model& source)
    : config_(config), source_(source), model_(source.Clone()) {}

void TargetNetworks::Follow(uint64_t update) {
  if (update % config_.every() != 0) return;
  const at::NoGradGuard no_grad;
  values().lerp_(source_.parameters().values(), config_.tau());
}

}  // namespace drover
