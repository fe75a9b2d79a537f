#ifndef DROVER_AGENT_LOSSES_LOSS_TERMS_H_
#define DROVER_AGENT_LOSSES_LOSS_TERMS_H_

#include <ATen/core/Tensor.h>

#include <string>
#include <utility>
#include <vector>

namespace drover {

// A loss as a sum of named terms: total = Σ coefficient · term. Statistics ride
// along and carry no gradient. All are scalars.
class LossTerms {
 public:
  LossTerms& Add(const std::string& name, const at::Tensor& term, double coefficient = 1);
  LossTerms& AddStatistic(const std::string& name, const at::Tensor& value);

  at::Tensor Total() const;  // with gradient; there must be a term
  // The value of a term or statistic; it must have been added.
  double Value(const std::string& name) const;
  // Terms, without coefficients, and statistics, in the order they were added.
  const std::vector<std::pair<std::string, at::Tensor>>& values() const { return values_; }

 private:
  std::vector<std::pair<std::string, at::Tensor>> values_;
  at::Tensor total_;
};

}  // namespace drover

#endif  // DROVER_AGENT_LOSSES_LOSS_TERMS_H_
