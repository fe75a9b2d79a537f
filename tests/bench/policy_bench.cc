// Acting in E copies of CartPole with one forward pass of the usual model. Items are actions.

#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "actor/model_policy.h"
#include "env/registry.h"

namespace drover {
namespace {

constexpr int64_t kObservation = 4;

std::unique_ptr<Model> UsualModel() {
  ModelConfig config;
  config.add_layers(64);
  config.add_layers(64);
  config.set_activation(ModelConfig::Activation::tanh);
  config.set_shared(false);
  return *Model::Make(config, (*MakeEnvironment("CartPole-v1"))->spec(), 1);
}

void Act(benchmark::State& state) {
  at::set_num_threads(1);
  const std::unique_ptr<Model> model = UsualModel();
  ModelPolicy policy(model.get(), nullptr, state.range(0), kObservation, ModelPolicy::Mode::kSample,
                     Random({1}));
  const std::vector<float> observations(static_cast<size_t>(state.range(0) * kObservation), 0.1F);
  std::vector<int32_t> actions(static_cast<size_t>(state.range(0)));
  std::vector<float> log_prob(static_cast<size_t>(state.range(0)));
  ActionRow row;
  row.discrete = actions.data();
  for (auto unused : state) policy.Act(observations.data(), row, log_prob.data());
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Act)->Arg(16)->Arg(64)->Arg(256);

}  // namespace
}  // namespace drover
