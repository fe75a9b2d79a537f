#include "agent/target_networks.h"

#include "agent/update/polyak.h"

namespace drover {

TargetNetworks::TargetNetworks(const TargetNetworksConfig& config, const Model& source)
    : config_(config), source_(source), model_(source.Clone()) {}

void TargetNetworks::Follow(uint64_t update) {
  if (update % config_.every() != 0) return;
  Polyak(source_.parameters().values(), config_.tau(), values());
}

}  // namespace drover
