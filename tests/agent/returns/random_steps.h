#ifndef DROVER_TESTS_AGENT_RETURNS_RANDOM_STEPS_H_
#define DROVER_TESTS_AGENT_RETURNS_RANDOM_STEPS_H_

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/where.h>

#include "agent/returns/returns.h"

namespace drover {

// Steps [T, B], float64, of episodes that terminate and are truncated here and there. A step's
// next value is the value of the next step, but at a truncation that of a final observation.
inline Steps RandomSteps(int64_t steps, int64_t unrolls, double gamma = 0.9) {
  const auto real = at::TensorOptions(at::kDouble);
  const at::Tensor ends = at::rand({steps, unrolls}, real);
  const at::Tensor truncated = (ends < 0.15).to(at::kDouble);
  const at::Tensor terminated = (ends > 0.85).to(at::kDouble);
  const at::Tensor value = at::randn({steps, unrolls}, real);
  const at::Tensor next = at::cat({value.slice(0, 1), at::randn({1, unrolls}, real)});
  const at::Tensor final_value = at::randn({steps, unrolls}, real);
  return {at::randn({steps, unrolls}, real), gamma * (1 - terminated), truncated, value,
          at::where(truncated > 0, final_value, next)};
}

// Steps first … first + count - 1 as an unroll of their own.
inline Steps Part(const Steps& steps, int64_t first, int64_t count) {
  const auto part = [=](const at::Tensor& x) { return x.narrow(0, first, count); };
  return {part(steps.reward), part(steps.discount), part(steps.truncated), part(steps.value),
          part(steps.next_value)};
}

}  // namespace drover

#endif  // DROVER_TESTS_AGENT_RETURNS_RANDOM_STEPS_H_
