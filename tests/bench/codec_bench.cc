// What travels: an unroll message, a tensor, a checksum. Bytes a second, items are messages.

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "common/check.h"
#include "common/crc32c.h"
#include "common/rpc/wire.h"
#include "common/tensor_codec.h"
#include "tests/bench/cartpole_unrolls.h"

namespace drover {
namespace {

void UnrollsThroughTheWire(benchmark::State& state) {
  const Unrolls unrolls = testing::CartPoleUnrolls(static_cast<int>(state.range(0)));
  Unrolls decoded;
  for (auto unused : state) {
    grpc::ByteBuffer bytes = EncodeMessage(unrolls);
    DROVER_CHECK(DecodeMessage(&bytes, &decoded));
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(unrolls.ByteSizeLong()));
}
BENCHMARK(UnrollsThroughTheWire)->Arg(16)->Arg(256);

void TensorThereAndBack(benchmark::State& state) {
  const std::vector<int64_t> shape = {state.range(0)};
  std::vector<float> values(static_cast<size_t>(state.range(0)), 1.5F);
  for (auto unused : state) {
    const Tensor tensor = EncodeTensor(DType::float32, shape, values.data());
    DROVER_CHECK(DecodeTensor(tensor, DType::float32, shape, values.data()).ok());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0) * 4);
}
BENCHMARK(TensorThereAndBack)->Arg(5'000)->Arg(1'000'000);

void Checksum(benchmark::State& state) {
  const std::string data(static_cast<size_t>(state.range(0)), 'x');
  for (auto unused : state) benchmark::DoNotOptimize(Crc32c(data));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(Checksum)->Arg(20'000)->Arg(1 << 20);

}  // namespace
}  // namespace drover
