// The recursion behind returns and advantages. Items are steps.

#include <ATen/Parallel.h>
#include <ATen/ops/rand.h>
#include <benchmark/benchmark.h>

#include "agent/returns/scan.h"

namespace drover {
namespace {

void Backward(benchmark::State& state) {
  at::set_num_threads(1);
  const at::Tensor a = at::rand({state.range(0), state.range(1)});
  const at::Tensor b = at::rand({state.range(0), state.range(1)});
  const at::Tensor initial = at::rand({state.range(1)});
  for (auto unused : state) benchmark::DoNotOptimize(ScanBackward(a, b, initial));
  state.SetItemsProcessed(state.iterations() * a.numel());
}
BENCHMARK(Backward)->Args({20, 32})->Args({20, 512})->Args({128, 4096});

}  // namespace
}  // namespace drover
