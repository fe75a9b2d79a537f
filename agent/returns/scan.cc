#include "agent/returns/scan.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty_like.h>

#include "common/check.h"

namespace drover {
namespace {

// Rows are visited from `first` on, `stride` apart: 1 forward, -1 backward.
struct Order {
  int64_t first;
  int64_t stride;
};

template <typename Number>
void ScanRows(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial, Order order,
              at::Tensor* result) {
  const int64_t steps = a.size(0);
  const int64_t width = a.size(1);
  const Number* before = initial.const_data_ptr<Number>();
  for (int64_t i = 0; i < steps; ++i) {
    const int64_t row = (order.first + i * order.stride) * width;
    const Number* add = a.const_data_ptr<Number>() + row;
    const Number* factor = b.const_data_ptr<Number>() + row;
    Number* x = result->mutable_data_ptr<Number>() + row;
    for (int64_t j = 0; j < width; ++j) x[j] = add[j] + factor[j] * before[j];
    before = x;
  }
}

void ScanOps(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial, Order order,
             at::Tensor* result) {
  at::Tensor before = initial;
  for (int64_t i = 0; i < a.size(0); ++i) {
    const int64_t row = order.first + i * order.stride;
    before = a[row] + b[row] * before;
    result->select(0, row).copy_(before);
  }
}

at::Tensor Scan(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial, Order order) {
  DROVER_CHECK(a.dim() == 2 && a.sizes() == b.sizes() && initial.dim() == 1 &&
               initial.size(0) == a.size(1))
      << "scan over " << a.sizes() << ", " << b.sizes() << " from " << initial.sizes();
  const at::Tensor add = a.detach().contiguous();
  const at::Tensor factor = b.detach().contiguous();
  const at::Tensor start = initial.detach().contiguous();
  at::Tensor result = at::empty_like(add);
  if (add.is_cpu() && add.scalar_type() == at::kFloat) {
    ScanRows<float>(add, factor, start, order, &result);
  } else if (add.is_cpu() && add.scalar_type() == at::kDouble) {
    ScanRows<double>(add, factor, start, order, &result);
  } else {
    ScanOps(add, factor, start, order, &result);
  }
  return result;
}

}  // namespace

at::Tensor ScanBackward(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial) {
  return Scan(a, b, initial, {a.size(0) - 1, -1});
}

at::Tensor ScanForward(const at::Tensor& a, const at::Tensor& b, const at::Tensor& initial) {
  return Scan(a, b, initial, {0, 1});
}

}  // namespace drover
