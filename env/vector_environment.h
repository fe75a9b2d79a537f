#ifndef DROVER_ENV_VECTOR_ENVIRONMENT_H_
#define DROVER_ENV_VECTOR_ENVIRONMENT_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "common/random.h"
#include "env/environment.h"

namespace drover {

// Which episodes a VectorEnvironment plays: copy i draws from Random({seed, actor, i, restart}).
struct EpisodeKey {
  uint64_t seed = 0;     // of the run
  uint64_t actor = 0;    // rank of the actor among the run's
  uint64_t restart = 0;  // how often this actor was started before
};

// One action for each copy: the field that the action space asks for. The caller's memory, read
// during the call only.
struct Actions {
  const int32_t* discrete = nullptr;  // [E]
  const float* continuous = nullptr;  // [E, A]
};

// An episode that the last step ended.
struct FinishedEpisode {
  int environment = 0;  // which copy: 0 … E-1
  End end = End::kTerminated;
  double episode_return = 0;                 // sum of undiscounted rewards
  int64_t length = 0;                        // steps
  const float* final_observation = nullptr;  // [O], what its last step led to
};

// E copies of an environment that step together and start over by themselves: what one actor
// steps with one batch of actions.
//
// A step writes straight to where the caller builds its unrolls, e.g. with observations [T+1, E, O]
// and the rest [T, E]:
//
//   environments.Reset(observations);
//   for (int64_t t = 0; t < T; ++t) {
//     environments.Step(actions of row t, observations + (t + 1) * E * O, rewards + t * E,
//                       ends + t * E);
//     for (const FinishedEpisode& episode : environments.finished()) …
//   }
//
// Invariant: the row of observations that Reset or Step wrote last is what to act on next. Where
// an episode ended that is the first observation of the next one; the final one is in finished().
//
// Threads: none of its own, and no locks; one thread at a time. Step does not allocate.
class VectorEnvironment {
 public:
  // The copies are of one environment, at least one. They are reset by Reset only.
  VectorEnvironment(std::vector<std::unique_ptr<Environment>> copies, const EpisodeKey& key);

  const EnvironmentSpec& spec() const { return copies_.front().environment->spec(); }
  int size() const { return static_cast<int>(copies_.size()); }  // E

  // Starts a new episode in every copy; observations [E, O] float32. Episodes under way are
  // dropped: they do not count as finished.
  void Reset(float* observations);

  // Acts once in every copy. observations [E, O] float32, rewards [E] float32, ends [E] uint8 with
  // the values of End.
  void Step(const Actions& actions, float* observations, float* rewards, uint8_t* ends);

  // What the last Step ended, in the order of the copies. Valid until the next Step or Reset.
  absl::Span<const FinishedEpisode> finished() const { return finished_; }

  // Saves all copies' states, or goes on where others that were saved stood (Environment); after a
  // failed restore nothing but destroying it is allowed. What finished is not part of it.
  void SaveOrRestore(Archive* archive);

  // Steps since the first observation of the episode that this copy is in.
  int64_t episode_step(int copy) const {
    return copies_[static_cast<size_t>(copy)].environment->episode_step();
  }

 private:
  struct Copy {
    std::unique_ptr<Environment> environment;
    Random random;
    double episode_return;
  };

  // Notes the end of the copy's episode, whose final observation is `observation`, and overwrites
  // that with the first one of the next.
  void Restart(int index, End end, float* observation);

  std::vector<Copy> copies_;
  std::vector<FinishedEpisode> finished_;
  std::vector<float>
      final_observations_;  // [E, O], of which as many rows as finished_ has are used
};

}  // namespace drover

#endif  // DROVER_ENV_VECTOR_ENVIRONMENT_H_
