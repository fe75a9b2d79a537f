#ifndef DROVER_AGENT_MODEL_RUNNING_NORM_H_
#define DROVER_AGENT_MODEL_RUNNING_NORM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "agent/model/parameters.h"
#include "proto/experiment.pb.h"

namespace drover {

// Normalisation of what comes into a model, where its config wants it; `clip` in deviations:
//   observations  clip((x − mean) / deviation)
//   rewards       clip(r / deviation of their running discounted sum)
// The statistics are parameters that no gradient moves, and the policy reads them: so they are
// published, saved and followed as the rest is, and whoever acts or evaluates with a version does
// it with that version's. The learner alone writes them (agent/normalizer.h), between versions.
class RunningNorm {
 public:
  static std::vector<ParameterSpec> Specs(const Normalization& config, int64_t observation);

  // Over the views that `parameters` has. Copies share them.
  RunningNorm(const Parameters& parameters, const Normalization& config);

  // As if nothing was seen: mean 0, deviation 1.
  void Initialize() const;

  // How many numbers have statistics: O, 1, or 0 where there are none.
  int64_t observations() const { return mean_.defined() ? mean_.numel() : 0; }
  int64_t returns() const { return return_deviation_.defined() ? 1 : 0; }

  at::Tensor Observations(const at::Tensor& x) const;   // [N, O]
  at::Tensor Rewards(const at::Tensor& rewards) const;  // of any shape

  // Only of what is normalised; in any type, from any device.
  void SetObservations(const at::Tensor& mean, const at::Tensor& deviation) const;  // [O] each
  void SetReturns(const at::Tensor& deviation) const;                               // [] or [1]

 private:
  double clip_;
  // Undefined: not normalised.
  at::Tensor mean_;              // [O]
  at::Tensor deviation_;         // [O]
  at::Tensor return_deviation_;  // []
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_RUNNING_NORM_H_
