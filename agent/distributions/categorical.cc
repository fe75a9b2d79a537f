#include "agent/distributions/categorical.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/softmax.h>

namespace drover {

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

at::Tensor Categorical::Sample(const at::Tensor& logits, const at::Tensor& uniform) const {
  const at::Tensor cumulative = at::softmax(logits, -1).cumsum(-1);
  // The last of them may have rounded to beside 1: relative to it, no action of probability 0 is
  // ever chosen, nor one beyond the last.
  return (cumulative <= uniform * cumulative.narrow(-1, n_ - 1, 1)).sum(-1);
}

}  // namespace drover
