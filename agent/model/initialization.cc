#include "agent/model/initialization.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_qr.h>
#include <ATen/ops/sign.h>

#include <algorithm>

namespace drover {

void FillOrthogonal(double gain, Random& random, const at::Tensor& weight) {
  const at::NoGradGuard no_grad;
  const int64_t rows = std::max(weight.size(0), weight.size(1));
  const int64_t columns = std::min(weight.size(0), weight.size(1));
  at::Tensor normal = at::empty({rows, columns}, at::kDouble);
  auto* data = normal.mutable_data_ptr<double>();
  for (int64_t i = 0; i < normal.numel(); ++i) data[i] = random.Normal();
  auto [q, r] = at::linalg_qr(normal);
  q = q * at::sign(r.diagonal());  // without this Q is not uniform over rotations
  weight.copy_((weight.size(0) >= weight.size(1) ? q : q.t()) * gain);
}

void FillUniform(double bound, Random& random, const at::Tensor& values) {
  const at::NoGradGuard no_grad;
  at::Tensor numbers = at::empty(values.sizes(), at::kFloat);
  auto* data = numbers.mutable_data_ptr<float>();
  for (int64_t i = 0; i < numbers.numel(); ++i) {
    data[i] = static_cast<float>(random.Uniform(-bound, bound));
  }
  values.copy_(numbers);
}

}  // namespace drover
