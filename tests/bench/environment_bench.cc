// Stepping E copies of CartPole. Items are environment steps.

#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "tests/bench/cartpole_unrolls.h"

namespace drover {
namespace {

void CartPoleStep(benchmark::State& state) {
  const auto environments = static_cast<size_t>(state.range(0));
  const std::unique_ptr<VectorEnvironment> copies =
      testing::CartPoles(static_cast<int>(environments));
  std::vector<float> observations(environments * 4);
  std::vector<float> rewards(environments);
  std::vector<uint8_t> ends(environments);
  std::vector<int32_t> actions(environments);
  copies->Reset(observations.data());
  for (auto unused : state) {
    for (int32_t& action : actions) action = 1 - action;
    copies->Step({actions.data(), nullptr}, observations.data(), rewards.data(), ends.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(CartPoleStep)->Arg(16)->Arg(64)->Arg(256);

}  // namespace
}  // namespace drover
