#include "env/vector_environment.h"

#include <algorithm>
#include <utility>

#include "common/check.h"

namespace drover {

VectorEnvironment::VectorEnvironment(std::vector<std::unique_ptr<Environment>> copies,
                                     const EpisodeKey& key) {
  DROVER_CHECK(!copies.empty());
  copies_.reserve(copies.size());
  for (uint64_t i = 0; i < copies.size(); ++i) {
    copies_.push_back({std::move(copies[i]), Random({key.seed, key.actor, i, key.restart}), 0});
  }
  finished_.reserve(copies_.size());
  final_observations_.resize(copies_.size() * static_cast<size_t>(spec().observation.elements()));
}

void VectorEnvironment::Reset(float* observations) {
  const int64_t elements = spec().observation.elements();
  finished_.clear();
  for (Copy& copy : copies_) {
    copy.environment->Reset(copy.random, observations);
    copy.episode_return = 0;
    observations += elements;
  }
}

void VectorEnvironment::Step(const Actions& actions, float* observations, float* rewards,
                             uint8_t* ends) {
  const int64_t elements = spec().observation.elements();
  const int64_t action_elements = spec().action.elements();
  const bool discrete = spec().action.discrete();
  finished_.clear();
  for (int i = 0; i < size(); ++i) {
    Copy& copy = copies_[static_cast<size_t>(i)];
    Action action;
    if (discrete) {
      action.discrete = actions.discrete[i];
    } else {
      action.continuous = actions.continuous + i * action_elements;
    }
    float* observation = observations + i * elements;
    const StepResult result = copy.environment->Step(action, observation);
    copy.episode_return += result.reward;
    rewards[i] = result.reward;
    ends[i] = static_cast<uint8_t>(result.end);
    if (result.end != End::kRunning) Restart(i, result.end, observation);
  }
}

void VectorEnvironment::SaveOrRestore(Archive* archive) {
  finished_.clear();
  for (Copy& copy : copies_) {
    copy.environment->SaveOrRestore(archive);
    archive->Value(&copy.random);
    archive->Value(&copy.episode_return);
  }
}

void VectorEnvironment::Restart(int index, End end, float* observation) {
  Copy& copy = copies_[static_cast<size_t>(index)];
  const int64_t elements = spec().observation.elements();
  float* kept = final_observations_.data() + static_cast<int64_t>(finished_.size()) * elements;
  std::copy_n(observation, elements, kept);
  finished_.push_back({index, end, copy.episode_return, copy.environment->episode_step(), kept});
  copy.environment->Reset(copy.random, observation);
  copy.episode_return = 0;
}

}  // namespace drover
