#ifndef DROVER_AGENT_MODEL_MLP_H_
#define DROVER_AGENT_MODEL_MLP_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "agent/kernels/dense.h"
#include "agent/model/parameters.h"
#include "proto/experiment.pb.h"

namespace drover {

// A stack of linear layers, each followed by the activation: the torso of a
// network, or with no activation and one layer, its head.
//
// Layer i owns "<name>.<i>.weight" [out, in] and "<name>.<i>.bias" [out].
// Copies share the parameters' views; safe to call from several threads as
// long as nobody writes them.
class Mlp {
 public:
  // What parameters a stack needs: `sizes` is input, hidden …, output.
  static std::vector<ParameterSpec> Specs(const std::string& name,
                                          const std::vector<int64_t>& sizes);

  // Over the views that `parameters` has for the stack `name` of `layers` layers.
  Mlp(const Parameters& parameters, const std::string& name, size_t layers,
      ModelConfig::Activation::Kind activation);

  // x [N, in] -> [N, out].
  at::Tensor Forward(at::Tensor x) const;

  at::Tensor ForwardLayer(size_t i, const at::Tensor& x) const;

  // The same numbers, which get no gradient.
  Mlp Frozen() const;

  Nonlinearity nonlinearity() const;
  const std::vector<at::Tensor>& weights() const { return weights_; }
  const std::vector<at::Tensor>& biases() const { return biases_; }

 private:
  std::vector<at::Tensor> weights_;
  std::vector<at::Tensor> biases_;
  ModelConfig::Activation::Kind activation_;
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_MLP_H_
