#ifndef DROVER_COMMON_IMPORTANCE_H_
#define DROVER_COMMON_IMPORTANCE_H_

#include "absl/types/span.h"

// What makes up for sampling some experience more often than other (Schaul et al. 2016,
// "Prioritized Experience Replay", 3.3 and 3.4). Pure.
namespace drover {

// p = |δ| + ε, the priority of an item whose TD error is δ; ε keeps it from never coming again.
double PriorityOf(double td_error, double epsilon);

// w = (N q)^-β for each of `probabilities`: q, with which it was drawn, among N items. With several
// servers q is P(server) · P(item | server), and N counts the items of all. β 1 makes up for all of
// it, β 0 for nothing; D4PG's 1 / (R p) (Barth-Maron et al. 2018) is β 1, as it is.
void ImportanceWeights(absl::Span<const double> probabilities, double items, double beta,
                       absl::Span<double> weights);

// Divides by `maximum`, that of the batch or of all items, so that weights only scale down.
void DivideBy(double maximum, absl::Span<double> weights);

}  // namespace drover

#endif  // DROVER_COMMON_IMPORTANCE_H_
