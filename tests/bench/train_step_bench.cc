// IMPALA's train step on B unrolls of 20 steps of CartPole. Items are environment steps.

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <memory>

#include "agent/algorithms/table.h"
#include "agent/train_step.h"
#include "env/registry.h"
#include "tests/agent/synthetic_batch.h"

namespace drover {
namespace {

constexpr int64_t kSteps = 20;

void ImpalaTrainStep(benchmark::State& state) {
  at::set_num_threads(1);
  const Experiment config = Resolved(
      R"(environment: "CartPole-v1" algorithm: "impala" actors { unroll: 20 }
         model { layers: 64 layers: 64 activation: tanh shared: false })");
  const EnvironmentSpec environment = (*MakeEnvironment(config.environment()))->spec();
  const std::unique_ptr<Model> model = *Model::Make(config.model(), environment, 1);
  TrainStep step(config, **FindAlgorithm(config.algorithm()), model.get());
  const Batch batch = SyntheticBatch(*model, environment, kSteps, state.range(0));
  uint64_t version = 0;
  for (auto unused : state) benchmark::DoNotOptimize(step.Run(batch, ++version, 0));
  state.SetItemsProcessed(state.iterations() * kSteps * state.range(0));
}
BENCHMARK(ImpalaTrainStep)->Arg(32)->Arg(256)->Arg(1024);

}  // namespace
}  // namespace drover
