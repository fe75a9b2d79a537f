#ifndef DROVER_AGENT_MODEL_NETWORK_H_
#define DROVER_AGENT_MODEL_NETWORK_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "agent/model/batch_norm.h"
#include "agent/model/mlp.h"
#include "agent/model/parameters.h"
#include "agent/model/recurrent_core.h"
#include "agent/model/tangent.h"
#include "common/random.h"
#include "proto/experiment.pb.h"

namespace drover {

// A torso of hidden layers, where the config says so a memory, and a linear head: one of a model's
// functions. Two networks may share a torso, with its memory. Copies share the parameters' views;
// safe as Mlp is.
class Network {
 public:
  struct Shape {
    std::string torso;  // names of the two stacks, e.g. "policy.torso", "policy.head"
    std::string head;
    int64_t inputs = 0;
    int64_t outputs = 0;
  };

  // What parameters it needs, the torso's first; without those of a torso that another has.
  static std::vector<ParameterSpec> Specs(const ModelConfig& config, const Shape& shape,
                                          bool with_torso = true);

  Network(const Parameters& parameters, const ModelConfig& config, const Shape& shape);

  // How on-policy algorithms start: orthogonal, √2 in the torso, `gain` in the head, no biases.
  void InitializeOrthogonal(double gain, Random& random, bool with_torso = true) const;
  // How off-policy ones do: uniform in ±1/√inputs, biases too, as LibTorch's layers.
  void InitializeUniform(Random& random) const;

  // The same weights, which get no gradient: what comes through to its input.
  Network Frozen() const;

  // Of its outputs at x [N, in], along a direction w [P] in its parameters.
  Tangent Along(const at::Tensor& x, const at::Tensor& w) const;

  at::Tensor Features(const at::Tensor& x) const;  // of the torso: [N, in] -> [N, F]
  // From features, or what the memory made of them, to [N, out].
  at::Tensor Head(const at::Tensor& features) const { return head_.Forward(features); }
  at::Tensor Forward(const at::Tensor& x) const;  // [N, out], of one without memory

  const RecurrentCore* memory() const { return memory_ ? &*memory_ : nullptr; }  // null: none

 private:
  Mlp torso_;
  std::vector<BatchNorm> norms_;  // of what goes into each layer of the torso; empty: none
  std::optional<RecurrentCore> memory_;
  Mlp head_;
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_NETWORK_H_
