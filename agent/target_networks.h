#ifndef DROVER_AGENT_TARGET_NETWORKS_H_
#define DROVER_AGENT_TARGET_NETWORKS_H_

#include <cstdint>
#include <memory>

#include "agent/model/model.h"
#include "proto/experiment.pb.h"

namespace drover {

// A lagged copy of a model's networks, for targets that do not run away from themselves (Mnih et
// al. 2015; soft as in Lillicrap et al. 2016, arXiv:1509.02971, algorithm 1). Of a train step, on
// its thread.
class TargetNetworks {
 public:
  // Starts as a copy of `source`, which outlives it.
  TargetNetworks(const TargetNetworksConfig& config, const Model& source);

  const Model& model() const { return *model_; }
  at::Tensor values() const { return model_->parameters().values(); }  // [P], for checkpoints

  // After train step `update`: each every-th moves it, target ← target + τ (source − target).
  void Follow(uint64_t update);

 private:
  const TargetNetworksConfig config_;
  const Model& source_;
  const std::unique_ptr<Model> model_;
};

}  // namespace drover

#endif  // DROVER_AGENT_TARGET_NETWORKS_H_
