#ifndef DROVER_AGENT_MODEL_BATCH_NORM_H_
#define DROVER_AGENT_MODEL_BATCH_NORM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "agent/model/parameters.h"

namespace drover {

// Batch normalisation (Ioffe and Szegedy 2015, arXiv:1502.03167) of features x [N, F]:
//   scale (x − mean) / √(variance + 1e-5) + shift
// Where its scale is to get a gradient, mean and variance are the batch's, and the running ones
// follow them by a tenth. Everywhere else, in actors, target networks, evaluation and critics that
// are held still, they are the running ones. Those are parameters that no gradient moves: so they
// are published, saved and followed as the rest is.
class BatchNorm {
 public:
  static std::vector<ParameterSpec> Specs(const std::string& name, int64_t features);

  // Over the views that `parameters` has for `name`. Copies share them.
  BatchNorm(const Parameters& parameters, const std::string& name);

  void Initialize() const;  // leaves features as they are
  BatchNorm Frozen() const;

  at::Tensor Forward(const at::Tensor& x) const;  // [N, F]

 private:
  at::Tensor scale_;  // each [F]
  at::Tensor shift_;
  at::Tensor mean_;
  at::Tensor variance_;
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_BATCH_NORM_H_
