#include "agent/coefficient/schedule.h"

#include <algorithm>

namespace drover {

double ValueAt(const Coefficient& coefficient, uint64_t trained_frames) {
  if (!coefficient.has_final() || coefficient.final() == coefficient.value()) {
    return coefficient.value();
  }
  const double share =
      std::min(1.0, static_cast<double>(trained_frames) /
                        static_cast<double>(std::max<uint64_t>(1, coefficient.frames())));
  return coefficient.value() + share * (coefficient.final() - coefficient.value());
}

}  // namespace drover
