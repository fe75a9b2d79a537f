#include "common/importance.h"

#include <cmath>

namespace drover {

double PriorityOf(double td_error, double epsilon) { return std::abs(td_error) + epsilon; }

void ImportanceWeights(absl::Span<const double> probabilities, double items, double beta,
                       absl::Span<double> weights) {
  for (size_t i = 0; i < probabilities.size(); ++i) {
    weights[i] = std::pow(items * probabilities[i], -beta);
  }
}

void DivideBy(double maximum, absl::Span<double> weights) {
  for (double& weight : weights) weight /= maximum;
}

}  // namespace drover
