#ifndef DROVER_AGENT_MODEL_MODEL_H_
#define DROVER_AGENT_MODEL_MODEL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/distributions/distribution.h"
#include "agent/model/mlp.h"
#include "agent/model/parameters.h"
#include "env/spec.h"
#include "proto/experiment.pb.h"

namespace drover {

// The networks of a run: a policy head and a value head, on one torso
// (ModelConfig.shared) or on one each.
//
// Learner, actors and `eval` build the same one from config and environment.
// The parameters the policy acts with come first, so that publishing them is
// one copy. Owned and used by one thread.
class Model {
 public:
  struct Output {
    at::Tensor policy;  // [N, A] parameters of distribution()
    at::Tensor value;   // [N] V(x)
  };

  // INVALID_ARGUMENT if no head can act in the environment's action space.
  static absl::StatusOr<std::unique_ptr<Model>> Make(const ModelConfig& config,
                                                     const EnvironmentSpec& environment,
                                                     uint64_t seed, at::Device device = at::kCPU);

  // observation [N, …] float32. With gradients, unless the caller forbids them.
  Output Forward(const at::Tensor& observation) const;
  at::Tensor Policy(const at::Tensor& observation) const;  // [N, A], without computing values

  const Distribution& distribution() const { return *distribution_; }
  const Parameters& parameters() const { return parameters_; }

  // [P] float32: the part of the parameters that Policy() reads. Writing it
  // in place changes the policy.
  at::Tensor acting_parameters() const;
  uint64_t acting_layout_hash() const;

 private:
  Model(const ModelConfig& config, int64_t inputs, std::unique_ptr<Distribution> distribution,
        at::Device device);
  void Initialize(uint64_t seed);

  std::unique_ptr<Distribution> distribution_;
  Parameters parameters_;
  size_t acting_count_;  // parameters before the value's own
  Mlp policy_torso_;
  Mlp policy_head_;
  Mlp value_torso_;  // the same as policy_torso_ where it is shared
  Mlp value_head_;
  bool shared_;
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_MODEL_H_
