#ifndef DROVER_AGENT_KERNELS_DENSE_H_
#define DROVER_AGENT_KERNELS_DENSE_H_

#include <cstdint>

// The arithmetic of small fully connected layers, float32, on one CPU core, with the widest
// vectors it has: chosen when the program runs, so that binaries travel. Free of LibTorch;
// agent/model/fused_mlp.h makes layers of it. docs/performance.md says what it brings.
//
// Activations are feature-major: [F, N], a row for each feature and a column for each of N
// observations; so weights are read as they lie and nothing is transposed between layers. Rows are
// `stride` apart, and kernels may read and write all of a row: stride is DenseStride(N) or more.
// What lies beyond column N never enters a result.
namespace drover {

enum class Nonlinearity { kNone, kTanh, kRelu };

// W [out, in], row-major.
struct DenseWeight {
  const float* values;
  int64_t out;
  int64_t in;
};

// Activations of N observations: [F, stride], of which the first N columns count.
struct Columns {
  int64_t count;   // N
  int64_t stride;  // of rows, in floats
};

int64_t DenseStride(int64_t columns);

// y = f(W x + bias): x [in, N], bias [out], y [out, N].
void DenseForward(const DenseWeight& weight, const float* bias, Nonlinearity f, Columns columns,
                  const float* x, float* y);

// dx = Wᵀ dz · f'(h): dz [out, N]; h [in, N] is f of what this layer's input was before f, with
// f' as a function of it; dx [in, N]. With kNone h is not read.
void DenseBackwardInput(const DenseWeight& weight, Nonlinearity f, Columns columns, const float* dz,
                        const float* h, float* dx);

// dW += dz xᵀ, dbias += sums of dz's rows: dz [out, N], x [in, N]; dW [out, in]. In an order that
// depends on the sizes alone. Of `weight` only the sizes count.
void DenseBackwardWeight(const DenseWeight& weight, Columns columns, const float* dz,
                         const float* x, float* dweight, float* dbias);

// dz = dy · f'(h), all [F, N].
void DenseBackwardNonlinearity(Nonlinearity f, int64_t features, Columns columns, const float* dy,
                               const float* h, float* dz);

}  // namespace drover

#endif  // DROVER_AGENT_KERNELS_DENSE_H_
