#ifndef DROVER_AGENT_DISTRIBUTIONS_SAMPLE_ROWS_H_
#define DROVER_AGENT_DISTRIBUTIONS_SAMPLE_ROWS_H_

#include <ATen/core/Tensor.h>

#include "agent/distributions/distribution.h"

namespace drover {

// What Distribution::Sample of continuous actions reads and writes, as plain
// numbers: a dozen operations of LibTorch would cost more than a step of the
// environments.
class SampleRows {
 public:
  // parameters [..., P] and noise [..., K] of float32 on the CPU; D numbers to an action.
  SampleRows(const at::Tensor& parameters, const at::Tensor& noise, int64_t action_size);

  int64_t size() const { return rows_; }
  float parameter(int64_t row, int64_t i) const {
    return parameters_at_[row * parameter_count_ + i];
  }
  float noise(int64_t row, int64_t i) const { return noise_at_[row * noise_count_ + i]; }
  float& action(int64_t row, int64_t d) const { return action_at_[row * action_size_ + d]; }
  float& log_prob(int64_t row) const { return log_prob_at_[row]; }

  const Distribution::Draw& draw() const { return draw_; }

 private:
  const at::Tensor parameters_;
  const at::Tensor noise_;
  const int64_t parameter_count_;
  const int64_t noise_count_;
  const int64_t action_size_;
  const int64_t rows_;
  Distribution::Draw draw_;
  const float* parameters_at_;
  const float* noise_at_;
  float* action_at_;
  float* log_prob_at_;
};

}  // namespace drover

#endif  // DROVER_AGENT_DISTRIBUTIONS_SAMPLE_ROWS_H_
