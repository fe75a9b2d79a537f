#include "agent/normalization/discounted_returns.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/zeros.h>

namespace drover {

DiscountedReturns::DiscountedReturns(int64_t environments, double gamma)
    : gamma_(gamma), running_(at::zeros({environments}, at::kDouble)) {}

at::Tensor DiscountedReturns::Next(const at::Tensor& reward, const at::Tensor& ended) {
  const at::Tensor now = running_ * gamma_ + reward.to(at::kDouble);
  running_ = now.masked_fill(ended != 0, 0);
  return now;
}

void DiscountedReturns::SaveOrRestore(Archive* archive) {
  auto* numbers = running_.mutable_data_ptr<double>();
  for (int64_t e = 0; e < running_.numel(); ++e) archive->Value(&numbers[e]);
}

}  // namespace drover
