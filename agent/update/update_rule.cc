#include "agent/update/update_rule.h"

#include "agent/update/adam.h"
#include "agent/update/rmsprop.h"
#include "common/check.h"

namespace drover {

std::unique_ptr<UpdateRule> MakeUpdateRule(const Update& config, const at::Tensor& parameters) {
  switch (config.rule_case()) {
    case Update::kAdam:
      return std::make_unique<AdamRule>(config.adam(), parameters);
    case Update::kRmsprop:
      return std::make_unique<RmsPropRule>(config.rmsprop(), parameters);
    case Update::RULE_NOT_SET:
      break;
  }
  DROVER_CHECK(false) << "an update without a rule: the config is not resolved";
  return nullptr;
}

}  // namespace drover
