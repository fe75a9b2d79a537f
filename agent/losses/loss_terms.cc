#include "agent/losses/loss_terms.h"

#include <ATen/TensorOperators.h>

#include "common/check.h"

namespace drover {

LossTerms& LossTerms::Add(const std::string& name, const at::Tensor& term, double coefficient) {
  values_.emplace_back(name, term.detach());
  const at::Tensor weighted = coefficient == 1 ? term : term * coefficient;
  total_ = total_.defined() ? total_ + weighted : weighted;
  return *this;
}

LossTerms& LossTerms::AddStatistic(const std::string& name, const at::Tensor& value) {
  values_.emplace_back(name, value.detach());
  return *this;
}

at::Tensor LossTerms::Total() const {
  DROVER_CHECK(total_.defined()) << "a loss without terms";
  return total_;
}

double LossTerms::Value(const std::string& name) const {
  for (const auto& [known, value] : values_) {
    if (known == name) return value.item<double>();
  }
  DROVER_CHECK(false) << "no term or statistic " << name;
  return 0;
}

}  // namespace drover
