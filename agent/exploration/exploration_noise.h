#ifndef DROVER_AGENT_EXPLORATION_EXPLORATION_NOISE_H_
#define DROVER_AGENT_EXPLORATION_EXPLORATION_NOISE_H_

#include <cstdint>
#include <vector>

#include "agent/distributions/action_scale.h"
#include "agent/exploration/ornstein_uhlenbeck.h"
#include "common/archive.h"
#include "common/random.h"
#include "env/spec.h"
#include "proto/experiment.pb.h"

namespace drover {

// σ of actor `rank` of `actors`: from sigma (the first) to sigma_last (the last), evenly spaced in
// logarithms, so that some explore far and some near the policy. Later ones are as the last.
double ExplorationSigma(const Exploration& config, uint64_t rank, uint64_t actors);

// How an actor whose policy has no noise of its own deviates from it. Noise is in units of half the
// action's range and numbers stay within their bounds. Each environment has noise of its own.
//
//   policy writes actions [E, D];  noise.Add(actions);  step;
//   for each environment whose episode ended: noise.Restart(it);
//
// One actor's, on its thread; does not allocate.
class ExplorationNoise {
 public:
  // `config` is resolved, `action` a box of one axis; what it draws depends on `random` alone.
  ExplorationNoise(const Exploration& config, const Space& action, int64_t environments,
                   double sigma, const Random& random);

  // In place, float32 [E, D].
  void Add(float* actions);
  // In place of the policy's: uniform within their bounds, ±1 where there are none.
  void DrawUniform(float* actions);

  // This environment starts an episode: what noise remembers is of the last one.
  void Restart(int64_t environment);

  // All that the numbers to come depend on.
  void SaveOrRestore(Archive* archive);

 private:
  float Next(size_t i);  // noise of number i of E · D

  const Exploration::Noise::Kind kind_;
  const ActionScale scale_;
  const OrnsteinUhlenbeck process_;
  Random random_;
  std::vector<float> state_;  // [E, D], of Ornstein and Uhlenbeck
};

}  // namespace drover

#endif  // DROVER_AGENT_EXPLORATION_EXPLORATION_NOISE_H_
