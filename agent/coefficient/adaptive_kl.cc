#include "agent/coefficient/adaptive_kl.h"

namespace drover {

double AdaptKlPenalty(double beta, double kl, double target) {
  if (kl > 1.5 * target) return beta * 2;
  if (kl < target / 1.5) return beta / 2;
  return beta;
}

}  // namespace drover
