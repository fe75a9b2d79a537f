#include "agent/kernels/dense.h"

#include <type_traits>

// Highway compiles this file once for each kind of processor.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "agent/kernels/dense.cc"
#include "hwy/foreach_target.h"
//
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace drover {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;
using Vector = hn::Vec<Tag>;

constexpr Tag kTag;
constexpr int64_t kLanes = hn::MaxLanes(kTag);
// Vectors side by side in a tile: four rows of them fill the registers.
constexpr int kWide = HWY_TARGET == HWY_AVX3 ? 4 : 2;
// Columns whose outer products are summed in registers before they go to memory.
constexpr int64_t kOuterBlock = 256;

template <Nonlinearity F>
HWY_INLINE Vector Apply(Vector x) {
  if constexpr (F == Nonlinearity::kTanh) return hn::Tanh(kTag, x);
  if constexpr (F == Nonlinearity::kRelu) return hn::Max(x, hn::Zero(kTag));
  return x;
}

// g · F'(x), where h = F(x).
template <Nonlinearity F>
HWY_INLINE Vector Chain(Vector g, const float* h) {
  if constexpr (F == Nonlinearity::kNone) return g;
  const Vector y = hn::LoadU(kTag, h);
  if constexpr (F == Nonlinearity::kTanh) {
    return hn::Mul(g, hn::NegMulAdd(y, y, hn::Set(kTag, 1.0F)));
  }
  return hn::IfThenElseZero(hn::Gt(y, hn::Zero(kTag)), g);
}

// A [rows, depth], whose elements are `row` and `column` apart: W or its transpose.
struct Left {
  const float* values;
  int64_t row;
  int64_t column;
  int64_t depth;
};

// c [Rows, Vectors] = finish(start + a b), a tile of c = a b that stays in registers.
template <int Rows, int Vectors, typename Start, typename Finish>
HWY_INLINE void Tile(const Left& a, const float* b, int64_t stride, float* c, const Start& start,
                     const Finish& finish) {
  Vector sums[Rows][Vectors];
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < Vectors; ++v) sums[i][v] = start(i);
  }
  for (int64_t k = 0; k < a.depth; ++k) {
    Vector right[Vectors];
    for (int v = 0; v < Vectors; ++v) right[v] = hn::LoadU(kTag, b + k * stride + v * kLanes);
    for (int i = 0; i < Rows; ++i) {
      const Vector left = hn::Set(kTag, a.values[i * a.row + k * a.column]);
      for (int v = 0; v < Vectors; ++v) sums[i][v] = hn::MulAdd(left, right[v], sums[i][v]);
    }
  }
  for (int i = 0; i < Rows; ++i) {
    for (int v = 0; v < Vectors; ++v) {
      const int64_t at = i * stride + v * kLanes;
      hn::StoreU(finish(sums[i][v], at), kTag, c + at);
    }
  }
}

// y = F(W x + bias), tile by tile.
template <Nonlinearity F>
struct ForwardTiles {
  DenseWeight weight;
  const float* bias;
  const float* x;
  float* y;
  int64_t stride;

  int64_t rows() const { return weight.out; }
  template <int Rows, int Vectors>
  HWY_INLINE void Run(int64_t row, int64_t column) const {
    const Left a{weight.values + row * weight.in, weight.in, 1, weight.in};
    Tile<Rows, Vectors>(
        a, x + column, stride, y + row * stride + column,
        [&](int i) HWY_ATTR { return hn::Set(kTag, bias[row + i]); },
        [](Vector sum, int64_t) HWY_ATTR { return Apply<F>(sum); });
  }
};

// dx = Wᵀ dz · F'(h), tile by tile.
template <Nonlinearity F>
struct BackwardTiles {
  DenseWeight weight;
  const float* dz;
  const float* h;
  float* dx;
  int64_t stride;

  int64_t rows() const { return weight.in; }
  template <int Rows, int Vectors>
  HWY_INLINE void Run(int64_t row, int64_t column) const {
    const Left a{weight.values + row, 1, weight.in, weight.out};
    const int64_t first = row * stride + column;
    Tile<Rows, Vectors>(
        a, dz + column, stride, dx + first, [](int) HWY_ATTR { return hn::Zero(kTag); },
        [&](Vector sum, int64_t at) HWY_ATTR { return Chain<F>(sum, h + first + at); });
  }
};

// All rows of one strip of columns: as many at once as registers hold, then the rest.
template <int Rows, int Vectors, typename Tiles>
HWY_INLINE void Strip(const Tiles& tiles, int64_t column) {
  int64_t row = 0;
  for (; row + Rows <= tiles.rows(); row += Rows) {
    tiles.template Run<Rows, Vectors>(row, column);
  }
  for (; row < tiles.rows(); ++row) tiles.template Run<1, Vectors>(row, column);
}

template <typename Tiles>
HWY_INLINE void AllTiles(const Tiles& tiles, int64_t columns) {
  int64_t column = 0;
  for (; column + kWide * kLanes <= columns; column += kWide * kLanes) {
    Strip<4, kWide>(tiles, column);
  }
  for (; column < columns; column += kLanes) Strip<8, 1>(tiles, column);
}

template <Nonlinearity F>
void Forward(const DenseWeight& weight, const float* bias, Columns columns, const float* x,
             float* y) {
  AllTiles(ForwardTiles<F>{weight, bias, x, y, columns.stride}, columns.count);
}

template <Nonlinearity F>
void BackwardInput(const DenseWeight& weight, Columns columns, const float* dz, const float* h,
                   float* dx) {
  AllTiles(BackwardTiles<F>{weight, dz, h, dx, columns.stride}, columns.count);
}

// dw [Out, In] += dz xᵀ over the columns first … end-1.
template <int Out, int In>
HWY_INLINE void OuterTile(int64_t first, int64_t end, int64_t stride, const float* dz,
                          const float* x, int64_t in, float* dw) {
  Vector sums[Out][In];
  for (auto& row : sums) {
    for (Vector& sum : row) sum = hn::Zero(kTag);
  }
  const auto add = [&](const auto& load) HWY_ATTR {
    Vector right[In];
    for (int k = 0; k < In; ++k) right[k] = load(x + k * stride);
    for (int i = 0; i < Out; ++i) {
      const Vector left = load(dz + i * stride);
      for (int k = 0; k < In; ++k) sums[i][k] = hn::MulAdd(left, right[k], sums[i][k]);
    }
  };
  int64_t column = first;
  for (; column + kLanes <= end; column += kLanes) {
    add([column](const float* row) HWY_ATTR { return hn::LoadU(kTag, row + column); });
  }
  if (column < end) {
    const auto rest = hn::FirstN(kTag, static_cast<size_t>(end - column));
    add([column, rest](const float* row)
            HWY_ATTR { return hn::MaskedLoad(rest, kTag, row + column); });
  }
  for (int i = 0; i < Out; ++i) {
    for (int k = 0; k < In; ++k) dw[i * in + k] += hn::GetLane(hn::SumOfLanes(kTag, sums[i][k]));
  }
}

template <int Out>
HWY_INLINE void OuterRows(int64_t first, int64_t end, int64_t stride, const float* dz,
                          const float* x, int64_t in, float* dw) {
  int64_t k = 0;
  for (; k + 4 <= in; k += 4) {
    OuterTile<Out, 4>(first, end, stride, dz, x + k * stride, in, dw + k);
  }
  for (; k < in; ++k) OuterTile<Out, 1>(first, end, stride, dz, x + k * stride, in, dw + k);
}

void BackwardWeight(const DenseWeight& weight, Columns columns, const float* dz, const float* x,
                    float* dweight, float* dbias) {
  const int64_t stride = columns.stride;
  for (int64_t first = 0; first < columns.count; first += kOuterBlock) {
    const int64_t end = HWY_MIN(first + kOuterBlock, columns.count);
    int64_t j = 0;
    for (; j + 4 <= weight.out; j += 4) {
      OuterRows<4>(first, end, stride, dz + j * stride, x, weight.in, dweight + j * weight.in);
    }
    for (; j < weight.out; ++j) {
      OuterRows<1>(first, end, stride, dz + j * stride, x, weight.in, dweight + j * weight.in);
    }
  }
  for (int64_t j = 0; j < weight.out; ++j) {
    const float* row = dz + j * stride;
    Vector sum = hn::Zero(kTag);
    int64_t column = 0;
    for (; column + kLanes <= columns.count; column += kLanes) {
      sum = hn::Add(sum, hn::LoadU(kTag, row + column));
    }
    float total = hn::GetLane(hn::SumOfLanes(kTag, sum));
    for (; column < columns.count; ++column) total += row[column];
    dbias[j] += total;
  }
}

template <Nonlinearity F>
void BackwardNonlinearity(int64_t features, Columns columns, const float* dy, const float* h,
                          float* dz) {
  for (int64_t j = 0; j < features; ++j) {
    for (int64_t column = 0; column < columns.count; column += kLanes) {
      const int64_t at = j * columns.stride + column;
      hn::StoreU(Chain<F>(hn::LoadU(kTag, dy + at), h + at), kTag, dz + at);
    }
  }
}

// Calls body(c) with a constant c that is f.
template <typename Body>
void WithNonlinearity(Nonlinearity f, const Body& body) {
  switch (f) {
    case Nonlinearity::kNone:
      return body(std::integral_constant<Nonlinearity, Nonlinearity::kNone>());
    case Nonlinearity::kTanh:
      return body(std::integral_constant<Nonlinearity, Nonlinearity::kTanh>());
    case Nonlinearity::kRelu:
      return body(std::integral_constant<Nonlinearity, Nonlinearity::kRelu>());
  }
}

void ForwardOf(Nonlinearity f, const DenseWeight& weight, const float* bias, Columns columns,
               const float* x, float* y) {
  WithNonlinearity(f, [&](auto c) { Forward<c.value>(weight, bias, columns, x, y); });
}

void BackwardInputOf(Nonlinearity f, const DenseWeight& weight, Columns columns, const float* dz,
                     const float* h, float* dx) {
  WithNonlinearity(f, [&](auto c) { BackwardInput<c.value>(weight, columns, dz, h, dx); });
}

void BackwardNonlinearityOf(Nonlinearity f, int64_t features, Columns columns, const float* dy,
                            const float* h, float* dz) {
  WithNonlinearity(f, [&](auto c) { BackwardNonlinearity<c.value>(features, columns, dy, h, dz); });
}

}  // namespace HWY_NAMESPACE
}  // namespace drover
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace drover {

HWY_EXPORT(ForwardOf);
HWY_EXPORT(BackwardInputOf);
HWY_EXPORT(BackwardWeight);
HWY_EXPORT(BackwardNonlinearityOf);

// The widest vectors have 16 lanes.
int64_t DenseStride(int64_t columns) { return (columns + 15) / 16 * 16; }

void DenseForward(const DenseWeight& weight, const float* bias, Nonlinearity f, Columns columns,
                  const float* x, float* y) {
  HWY_DYNAMIC_DISPATCH(ForwardOf)(f, weight, bias, columns, x, y);
}

void DenseBackwardInput(const DenseWeight& weight, Nonlinearity f, Columns columns, const float* dz,
                        const float* h, float* dx) {
  HWY_DYNAMIC_DISPATCH(BackwardInputOf)(f, weight, columns, dz, h, dx);
}

void DenseBackwardWeight(const DenseWeight& weight, Columns columns, const float* dz,
                         const float* x, float* dweight, float* dbias) {
  HWY_DYNAMIC_DISPATCH(BackwardWeight)(weight, columns, dz, x, dweight, dbias);
}

void DenseBackwardNonlinearity(Nonlinearity f, int64_t features, Columns columns, const float* dy,
                               const float* h, float* dz) {
  HWY_DYNAMIC_DISPATCH(BackwardNonlinearityOf)(f, features, columns, dy, h, dz);
}

}  // namespace drover
#endif  // HWY_ONCE
