#include "env/spec.h"

#include <functional>
#include <numeric>
#include <utility>

#include "common/check.h"

namespace drover {

Space Space::Box(std::vector<int64_t> shape, std::vector<float> low, std::vector<float> high) {
  Space space;
  space.kind = Kind::kBox;
  space.shape = std::move(shape);
  space.low = std::move(low);
  space.high = std::move(high);
  const auto elements = static_cast<size_t>(space.elements());
  DROVER_CHECK(space.low.size() == elements && space.high.size() == elements);
  return space;
}

Space Space::Box(std::vector<int64_t> shape, float low, float high) {
  Space space;
  space.kind = Kind::kBox;
  space.shape = std::move(shape);
  space.low.assign(static_cast<size_t>(space.elements()), low);
  space.high.assign(space.low.size(), high);
  return space;
}

Space Space::Discrete(int32_t n) {
  DROVER_CHECK(n > 0);
  Space space;
  space.kind = Kind::kDiscrete;
  space.n = n;
  return space;
}

int64_t Space::elements() const {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

}  // namespace drover
