#include "agent/normalization/running_moments.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/full.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

namespace drover {
namespace {

constexpr double kEpsilon = 1e-8;

}  // namespace

RunningMoments::RunningMoments(int64_t size, double count)
    : count_(at::full({}, count, at::kDouble)),
      mean_(at::zeros({size}, at::kDouble)),
      m2_(at::full({size}, count, at::kDouble)) {}

RunningMoments::RunningMoments(const Moments& message) : RunningMoments(message.mean_size()) {
  count_.fill_(message.count());
  std::copy(message.mean().begin(), message.mean().end(), mean_.mutable_data_ptr<double>());
  std::copy(message.m2().begin(), message.m2().end(), m2_.mutable_data_ptr<double>());
}

void RunningMoments::Add(const at::Tensor& batch) {
  if (batch.size(0) == 0) return;
  const at::Tensor wide = batch.detach().to(at::kDouble);
  RunningMoments one(mean_.size(0));
  one.count_.fill_(batch.size(0));
  one.mean_ = wide.mean(0);
  one.m2_ = (wide - one.mean_).square().sum(0);
  Merge(one);
}

// In place, so that views of the state stay what they are.
void RunningMoments::Merge(const RunningMoments& other) {
  if (other.count() == 0) return;
  const at::Tensor total = count_ + other.count_;
  const at::Tensor delta = other.mean_ - mean_;
  m2_.add_(other.m2_ + delta.square() * (count_ * other.count_ / total));
  mean_.add_(delta * (other.count_ / total));
  count_.copy_(total);
}

at::Tensor RunningMoments::Variance() const {
  return count() == 0 ? at::ones_like(m2_) : m2_ / count_;
}

at::Tensor RunningMoments::Deviation() const { return (Variance() + kEpsilon).sqrt(); }

void RunningMoments::Write(Moments* message) const {
  message->Clear();
  message->set_count(count());
  const auto* mean = mean_.const_data_ptr<double>();
  const auto* m2 = m2_.const_data_ptr<double>();
  message->mutable_mean()->Add(mean, mean + mean_.numel());
  message->mutable_m2()->Add(m2, m2 + m2_.numel());
}

std::vector<std::pair<std::string, at::Tensor>> RunningMoments::State() const {
  return {{"count", count_}, {"mean", mean_}, {"m2", m2_}};
}

at::Tensor Normalize(const at::Tensor& x, const at::Tensor& mean, const at::Tensor& deviation,
                     double clip) {
  return (x - mean).div_(deviation).clamp_(-clip, clip);
}

at::Tensor Scale(const at::Tensor& x, const at::Tensor& deviation, double clip) {
  return (x / deviation).clamp_(-clip, clip);
}

}  // namespace drover
