#include "actor/exploring_policy.h"

namespace drover {

void ExploringPolicy::Act(const float* observation, const ActionRow& action, float* log_prob) {
  policy_->Act(observation, action, log_prob);
  for (int i = 0; i < environments_->size(); ++i) {
    if (environments_->episode_step(i) == 0) noise_.Restart(i);
  }
  warm_ = warm_ || frames_() >= uniform_frames_;
  if (warm_) {
    noise_.Add(action.continuous);
  } else {
    noise_.DrawUniform(action.continuous);
  }
}

void ExploringPolicy::SaveOrRestore(Archive* archive) {
  policy_->SaveOrRestore(archive);
  noise_.SaveOrRestore(archive);
}

}  // namespace drover
