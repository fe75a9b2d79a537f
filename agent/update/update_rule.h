#ifndef DROVER_AGENT_UPDATE_UPDATE_RULE_H_
#define DROVER_AGENT_UPDATE_UPDATE_RULE_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "proto/experiment.pb.h"

namespace drover {

// Gradient to step, over one flat tensor of parameters. Owned by a train step,
// called from its thread.
class UpdateRule {
 public:
  using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

  virtual ~UpdateRule() = default;

  // Moves `parameters` [P] against `gradient` [P], in place. `rate` is the
  // learning rate of this step.
  virtual void Apply(const at::Tensor& parameters, const at::Tensor& gradient, double rate) = 0;

  // What a checkpoint keeps: views of the state, which Load writes through.
  virtual NamedTensors State() const = 0;
};

// The rule that a resolved config names, for parameters like these.
std::unique_ptr<UpdateRule> MakeUpdateRule(const Update& config, const at::Tensor& parameters);

}  // namespace drover

#endif  // DROVER_AGENT_UPDATE_UPDATE_RULE_H_
