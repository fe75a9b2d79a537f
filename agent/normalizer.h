#ifndef DROVER_AGENT_NORMALIZER_H_
#define DROVER_AGENT_NORMALIZER_H_

#include <optional>
#include <vector>

#include "agent/model/running_norm.h"
#include "agent/normalization/running_moments.h"
#include "agent/update/update_rule.h"
#include "common/moments.h"

namespace drover {

// All that a run which normalises has seen, in float64, and what its model knows of it. Of a train
// step, on its thread.
class Normalizer {
 public:
  // Nothing seen. Writes to the model whose `norm` it is, which outlives it.
  explicit Normalizer(const RunningNorm& norm);

  // Merges what messages saw, in this order, and tells the model.
  void Add(const std::vector<SeenMoments>& seen);

  UpdateRule::NamedTensors State() const;  // views, which a load writes through

 private:
  const RunningNorm norm_;
  std::optional<RunningMoments> observations_;  // none: not normalised
  std::optional<RunningMoments> returns_;
};

}  // namespace drover

#endif  // DROVER_AGENT_NORMALIZER_H_
