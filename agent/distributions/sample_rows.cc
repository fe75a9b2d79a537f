#include "agent/distributions/sample_rows.h"

#include <ATen/ops/empty.h>

#include <vector>

namespace drover {
namespace {

Distribution::Draw EmptyDraw(const at::Tensor& parameters, int64_t action_size) {
  std::vector<int64_t> shape = parameters.sizes().vec();
  shape.back() = action_size;
  const at::Tensor action = at::empty(shape, at::kFloat);
  shape.pop_back();
  return {action, at::empty(shape, at::kFloat)};
}

}  // namespace

SampleRows::SampleRows(const at::Tensor& parameters, const at::Tensor& noise, int64_t action_size)
    : parameters_(parameters.detach().contiguous()),
      noise_(noise.contiguous()),
      parameter_count_(parameters.size(-1)),
      noise_count_(noise.size(-1)),
      action_size_(action_size),
      rows_(parameters.numel() / parameter_count_),
      draw_(EmptyDraw(parameters, action_size)),
      parameters_at_(parameters_.const_data_ptr<float>()),
      noise_at_(noise_.const_data_ptr<float>()),
      action_at_(draw_.action.mutable_data_ptr<float>()),
      log_prob_at_(draw_.log_prob.mutable_data_ptr<float>()) {}

}  // namespace drover
