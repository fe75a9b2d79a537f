// The kernels against plain loops, in every kind of vectors that this processor has.

#include "agent/kernels/dense.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "common/random.h"
#include "hwy/highway.h"

namespace drover {
namespace {

// What lies beyond the columns that count, and must not spread. Highway's emulation of vectors
// turns numbers into integers that UndefinedBehaviorSanitizer wants to be in range.
float beyond = std::numeric_limits<float>::quiet_NaN();

// [F, stride] of random numbers; beyond its N columns `beyond`.
struct Activations {
  Activations(int64_t features, int64_t count, Random* random)
      : columns{count, DenseStride(count)},
        values(static_cast<size_t>(features * columns.stride), beyond) {
    for (int64_t j = 0; j < features; ++j) {
      for (int64_t i = 0; i < count; ++i) at(j, i) = static_cast<float>(random->Uniform(-1, 1));
    }
  }
  float& at(int64_t feature, int64_t column) {
    return values[static_cast<size_t>(feature * columns.stride + column)];
  }
  float* data() { return values.data(); }

  Columns columns;
  std::vector<float> values;
};

std::vector<float> RandomVector(int64_t size, Random* random) {
  std::vector<float> values(static_cast<size_t>(size));
  for (float& value : values) value = static_cast<float>(random->Uniform(-1, 1));
  return values;
}

double Apply(Nonlinearity f, double x) {
  if (f == Nonlinearity::kTanh) return std::tanh(x);
  if (f == Nonlinearity::kRelu) return x > 0 ? x : 0;
  return x;
}

double Slope(Nonlinearity f, double h) {
  if (f == Nonlinearity::kTanh) return 1 - h * h;
  if (f == Nonlinearity::kRelu) return h > 0 ? 1 : 0;
  return 1;
}

struct Size {
  int64_t out;
  int64_t in;
  int64_t count;
};

// What falls into tiles and strips evenly, and what does not.
const std::vector<Size>& Sizes() {
  static const auto* const sizes = new std::vector<Size>{
      {64, 64, 640}, {64, 4, 16}, {2, 64, 17}, {1, 64, 1}, {9, 7, 75}, {5, 3, 300}, {13, 33, 129}};
  return *sizes;
}

class DenseTest : public ::testing::TestWithParam<int64_t> {
 protected:
  DenseTest() {
    hwy::SetSupportedTargetsForTest(GetParam());
    beyond = GetParam() == HWY_EMU128 ? 7 : std::numeric_limits<float>::quiet_NaN();
  }
  ~DenseTest() override { hwy::SetSupportedTargetsForTest(0); }

  Random random_{1, 2};
};

TEST_P(DenseTest, Forward) {
  for (const Size& size : Sizes()) {
    for (const Nonlinearity f : {Nonlinearity::kNone, Nonlinearity::kTanh, Nonlinearity::kRelu}) {
      const std::vector<float> w = RandomVector(size.out * size.in, &random_);
      const std::vector<float> bias = RandomVector(size.out, &random_);
      Activations x(size.in, size.count, &random_);
      Activations y(size.out, size.count, &random_);
      DenseForward({w.data(), size.out, size.in}, bias.data(), f, x.columns, x.data(), y.data());
      for (int64_t j = 0; j < size.out; ++j) {
        for (int64_t i = 0; i < size.count; ++i) {
          double sum = bias[static_cast<size_t>(j)];
          for (int64_t k = 0; k < size.in; ++k) {
            sum += double{w[static_cast<size_t>(j * size.in + k)]} * x.at(k, i);
          }
          ASSERT_NEAR(y.at(j, i), Apply(f, sum), 1e-5) << j << ", " << i << " of " << size.count;
        }
      }
    }
  }
}

TEST_P(DenseTest, BackwardInput) {
  for (const Size& size : Sizes()) {
    for (const Nonlinearity f : {Nonlinearity::kNone, Nonlinearity::kTanh, Nonlinearity::kRelu}) {
      const std::vector<float> w = RandomVector(size.out * size.in, &random_);
      Activations dz(size.out, size.count, &random_);
      Activations h(size.in, size.count, &random_);
      Activations dx(size.in, size.count, &random_);
      DenseBackwardInput({w.data(), size.out, size.in}, f, dz.columns, dz.data(), h.data(),
                         dx.data());
      for (int64_t k = 0; k < size.in; ++k) {
        for (int64_t i = 0; i < size.count; ++i) {
          double sum = 0;
          for (int64_t j = 0; j < size.out; ++j) {
            sum += double{w[static_cast<size_t>(j * size.in + k)]} * dz.at(j, i);
          }
          ASSERT_NEAR(dx.at(k, i), sum * Slope(f, h.at(k, i)), 1e-5) << k << ", " << i;
        }
      }
    }
  }
}

TEST_P(DenseTest, BackwardWeightAddsAndLeavesOutWhatLiesBeyond) {
  for (const Size& size : Sizes()) {
    Activations dz(size.out, size.count, &random_);
    Activations x(size.in, size.count, &random_);
    std::vector<float> dw(static_cast<size_t>(size.out * size.in), 1);
    std::vector<float> db(static_cast<size_t>(size.out), 2);
    DenseBackwardWeight({nullptr, size.out, size.in}, x.columns, dz.data(), x.data(), dw.data(),
                        db.data());
    for (int64_t j = 0; j < size.out; ++j) {
      double bias = 2;
      for (int64_t i = 0; i < size.count; ++i) bias += dz.at(j, i);
      ASSERT_NEAR(db[static_cast<size_t>(j)], bias, 1e-4);
      for (int64_t k = 0; k < size.in; ++k) {
        double sum = 1;
        for (int64_t i = 0; i < size.count; ++i) sum += double{dz.at(j, i)} * x.at(k, i);
        ASSERT_NEAR(dw[static_cast<size_t>(j * size.in + k)], sum, 1e-4) << j << ", " << k;
      }
    }
  }
}

TEST_P(DenseTest, BackwardNonlinearity) {
  for (const Nonlinearity f : {Nonlinearity::kNone, Nonlinearity::kTanh, Nonlinearity::kRelu}) {
    Activations dy(3, 21, &random_);
    Activations h(3, 21, &random_);
    Activations dz(3, 21, &random_);
    DenseBackwardNonlinearity(f, 3, dy.columns, dy.data(), h.data(), dz.data());
    for (int64_t j = 0; j < 3; ++j) {
      for (int64_t i = 0; i < 21; ++i) {
        ASSERT_NEAR(dz.at(j, i), dy.at(j, i) * Slope(f, h.at(j, i)), 1e-6);
      }
    }
  }
}

TEST_P(DenseTest, TanhIsRightFromEndToEnd) {
  const float one = 1;
  const float zero = 0;
  for (int i = -20000; i < 20000; ++i) {
    const double value = 1e-3 * i;
    float x[16] = {static_cast<float>(value)};
    float y[16];
    DenseForward({&one, 1, 1}, &zero, Nonlinearity::kTanh, {1, 16}, x, y);
    const double expected = std::tanh(double{x[0]});
    ASSERT_NEAR(y[0], expected, 4e-7 * std::abs(expected)) << x[0];
  }
}

std::vector<int64_t> Targets() {
  std::vector<int64_t> targets;
  for (int64_t left = hwy::SupportedTargets() & HWY_TARGETS; left != 0; left &= left - 1) {
    targets.push_back(left & -left);
  }
  return targets;
}

INSTANTIATE_TEST_SUITE_P(, DenseTest, ::testing::ValuesIn(Targets()), [](const auto& target) {
  return std::string(hwy::TargetName(target.param));
});

}  // namespace
}  // namespace drover
