#ifndef DROVER_TESTS_BENCH_CARTPOLE_UNROLLS_H_
#define DROVER_TESTS_BENCH_CARTPOLE_UNROLLS_H_

#include <cstdint>
#include <memory>
#include <vector>

#include "actor/unroll_builder.h"
#include "agent/spec.h"
#include "env/registry.h"
#include "env/vector_environment.h"

// What an actor of CartPole sends: 20 steps of E environments, by a policy that pushes in turns.
namespace drover::testing {

constexpr int64_t kSteps = 20;
constexpr int32_t kActions = 2;

inline std::unique_ptr<VectorEnvironment> CartPoles(int environments) {
  return *MakeVectorEnvironment("CartPole-v1", environments, {1, 0, 0});
}

inline Spec CartPoleSpec() {
  Experiment experiment;
  experiment.mutable_actors()->set_unroll(kSteps);
  return MakeSpec(experiment, (*MakeEnvironment("CartPole-v1"))->spec());
}

inline Unrolls CartPoleUnrolls(int environments) {
  const std::unique_ptr<VectorEnvironment> copies = CartPoles(environments);
  UnrollBuilder builder = *UnrollBuilder::Make(CartPoleSpec(), copies->spec(), environments);
  copies->Reset(builder.observation(0));
  builder.Begin();
  for (int64_t t = 0; t < kSteps; ++t) {
    builder.SetVersion(t, 1);
    for (int i = 0; i < environments; ++i) {
      builder.action(t).discrete[i] = static_cast<int32_t>(t % kActions);
      builder.log_prob(t)[i] = -0.7F;
    }
    copies->Step({builder.action(t).discrete, nullptr}, builder.observation(t + 1),
                 builder.reward(t), builder.end(t));
    builder.AddFinished(t, copies->finished());
  }
  return *builder.unrolls();
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_BENCH_CARTPOLE_UNROLLS_H_
