#ifndef DROVER_AGENT_MODEL_MODEL_H_
#define DROVER_AGENT_MODEL_MODEL_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "agent/distributions/distribution.h"
#include "agent/model/network.h"
#include "agent/model/parameters.h"
#include "agent/model/running_norm.h"
#include "env/spec.h"
#include "proto/experiment.pb.h"

namespace drover {

// Parts of a model's parameters that phases move and target networks follow.
enum class ParameterGroup { kAll, kPolicy, kValue, kCritic, kTemperature };

// The networks of a run, as ModelConfig says: a policy; V(x) or Q(x, ·), on the policy's torso
// (ModelConfig.shared) or on one of its own; Q(x, a), as many as critics.count; a temperature α.
//
// Learner, actors and `eval` build the same one from config and environment.
// The parameters the policy acts with come first, so that publishing them is
// one copy. Owned and used by one thread.
class Model {
 public:
  struct Output {
    at::Tensor policy;  // [N, A] parameters of distribution()
    at::Tensor value;   // [N] V(x)
    at::Tensor
        action_value;  // [N, n] Q(x, ·), with ModelConfig.action_values; then V has no gradient
  };

  // What one with a memory (ModelConfig.recurrence) sees: N sequences of T steps.
  struct Sequences {
    at::Tensor observation;  // [T, N, …]
    at::Tensor state;        // [N, S]: its memory before them
    at::Tensor keep;         // [T, N] float32: 0 where an episode begins with step t, else 1
    // [K, …], may be undefined: what came after the steps `final_position` [K], t * N + n each.
    at::Tensor final_observation;
    at::Tensor final_position;
  };

  // INVALID_ARGUMENT if no head can act in the environment's action space.
  static absl::StatusOr<std::unique_ptr<Model>> Make(const ModelConfig& config,
                                                     const EnvironmentSpec& environment,
                                                     uint64_t seed, at::Device device = at::kCPU);

  // Another of the same networks and numbers, with memory of its own.
  std::unique_ptr<Model> Clone() const;

  // observation [N, …] float32, as environments make it, action [N, D]. With gradients, unless the
  // caller forbids them. Who asks for a network that the config does not have has a bug.
  Output Forward(const at::Tensor& observation) const;     // policy and V
  at::Tensor Policy(const at::Tensor& observation) const;  // [N, A]
  at::Tensor Value(const at::Tensor& observation) const;   // [N]
  // In place of these, with memory: of sequences, in T * N rows, then K, whose memory gets no
  // gradient; and to act, which moves `state` [N, S] one step on.
  Output Forward(const Sequences& sequences) const;
  at::Tensor Policy(const at::Tensor& observation, at::Tensor* state) const;
  int64_t state_elements() const { return RecurrentCore::StateElements(config_); }  // S; 0: none
  // Critic i: Q(x, a) [N], or the logits of its atoms [N, K].
  at::Tensor Q(size_t i, const at::Tensor& observation, const at::Tensor& action) const;
  // Likewise, with gradients for the action alone: how a policy learns from a critic.
  at::Tensor FrozenQ(size_t i, const at::Tensor& observation, const at::Tensor& action) const;
  // Of a compatible critic: μ(x) and ∇_θ μ(x)ᵀ w, [N, D] in units of half the action's range, with
  // gradients to its weights w alone.
  Tangent CompatibleTangent(const at::Tensor& observation) const;
  size_t critics() const { return critics_.size(); }
  at::Tensor log_temperature() const;  // [] log α

  const Distribution& distribution() const { return *distribution_; }
  const Space& action_space() const { return environment_.action; }
  const Parameters& parameters() const { return parameters_; }
  const RunningNorm& norm() const { return norm_; }
  // Where a group lies in the flat tensors of parameters(); empty if the model has none of it.
  // A torso that V shares is kPolicy's; kValue is V's own then.
  struct Range {
    int64_t begin = 0;
    int64_t size = 0;
  };
  Range range(ParameterGroup group) const;

  // [P] float32: the part of the parameters that Policy() reads; with memory also the value's,
  // whose state is carried along. Writing it in place changes the policy.
  at::Tensor acting_parameters() const;
  uint64_t acting_layout_hash() const;
  uint64_t layout_hash() const;  // of all parameters

 private:
  // What parameters there are, and where each group's first one is.
  struct Layout {
    std::vector<ParameterSpec> specs;
    size_t value = 0;
    size_t critics = 0;
    size_t temperature = 0;
  };

  Model(const ModelConfig& config, const EnvironmentSpec& environment,
        std::unique_ptr<Distribution> distribution, at::Device device);
  static Layout MakeLayout(const ModelConfig& config, const EnvironmentSpec& environment,
                           int64_t policy_outputs);
  void Initialize(uint64_t seed);
  at::Tensor Input(const at::Tensor& observation) const;  // [N, O], normalised
  size_t acting_specs() const;                            // how many of the first
  Output Heads(const at::Tensor& policy_features, const at::Tensor& value_features) const;
  at::Tensor Q(const Network& critic, const at::Tensor& observation,
               const at::Tensor& action) const;

  const ModelConfig config_;
  const EnvironmentSpec environment_;
  std::unique_ptr<Distribution> distribution_;
  const Layout layout_;
  Parameters parameters_;
  RunningNorm norm_;
  Network policy_;
  std::optional<Network> value_;
  std::vector<Network> critics_;
  std::vector<Network> frozen_critics_;
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_MODEL_H_
