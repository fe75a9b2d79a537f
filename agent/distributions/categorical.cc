#include "agent/distributions/categorical.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/log_softmax.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace drover {
namespace {

// The logits of one distribution, `stride` apart.
struct Row {
  const float* first;
  int64_t stride;
  int64_t n;

  float operator[](int64_t k) const { return first[k * stride]; }

  float Max() const {
    float max = (*this)[0];
    for (int64_t k = 1; k < n; ++k) max = std::max(max, (*this)[k]);
    return max;
  }

  // Σ exp(x_k - max), and its partial sums.
  float SumExponentials(float max, float* cumulative) const {
    float sum = 0;
    for (int64_t k = 0; k < n; ++k) {
      sum += std::exp((*this)[k] - max);
      cumulative[k] = sum;
    }
    return sum;
  }
};

}  // namespace

at::Tensor Categorical::LogProb(const at::Tensor& logits, const at::Tensor& action) const {
  return at::log_softmax(logits, -1).gather(-1, action.unsqueeze(-1)).squeeze(-1);
}

at::Tensor Categorical::Entropy(const at::Tensor& logits) const {
  const at::Tensor log_p = at::log_softmax(logits, -1);
  return -(log_p.exp() * log_p).sum(-1);
}

at::Tensor Categorical::Kl(const at::Tensor& p, const at::Tensor& q) const {
  const at::Tensor log_p = at::log_softmax(p, -1);
  return (log_p.exp() * (log_p - at::log_softmax(q, -1))).sum(-1);
}

at::Tensor Categorical::Mode(const at::Tensor& logits) const { return at::argmax(logits, -1); }

// Plain loops: a dozen operations of LibTorch would cost more than a step of the environments.
Distribution::Draw Categorical::Sample(const at::Tensor& logits, const at::Tensor& uniform) const {
  const at::Tensor rows = logits.detach().reshape({-1, n_});
  const at::Tensor noise = uniform.contiguous();
  std::vector<int64_t> shape = logits.sizes().vec();
  shape.pop_back();
  Draw draw{at::empty(shape, at::kLong), at::empty(shape, at::kFloat)};
  const float* const first = rows.const_data_ptr<float>();
  const float* const u = noise.const_data_ptr<float>();
  auto* const action = draw.action.mutable_data_ptr<int64_t>();
  auto* const log_prob = draw.log_prob.mutable_data_ptr<float>();
  std::vector<float> cumulative(static_cast<size_t>(n_));
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const Row row{first + i * rows.stride(0), rows.stride(1), n_};
    const float max = row.Max();
    const float total = row.SumExponentials(max, cumulative.data());
    // Relative to their sum: however that rounded, no action of probability 0 is ever chosen.
    const auto chosen = std::upper_bound(cumulative.begin(), cumulative.end() - 1, u[i] * total);
    action[i] = chosen - cumulative.begin();
    log_prob[i] = row[action[i]] - max - std::log(total);
  }
  return draw;
}

}  // namespace drover
