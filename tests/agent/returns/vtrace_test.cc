#include "agent/returns/vtrace.h"

#include <ATen/ops/isfinite.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>

#include "tests/agent/returns/random_steps.h"

namespace drover {
namespace {

constexpr int64_t kSteps = 24;
constexpr int64_t kUnrolls = 6;

at::Tensor RandomLogRatio() { return at::randn({kSteps, kUnrolls}, at::kDouble); }

// Eq. 1 of the paper as it stands, O(T²):
//   v_s = V_s + Σ_{t>=s} (Π_{s<=i<t} γ_i c_i) ρ_t δ_t, the sum ending at a truncation.
at::Tensor NaiveTargets(const Steps& steps, const at::Tensor& ratio, const VtraceOptions& options) {
  at::Tensor target = steps.value.clone();
  for (int64_t s = 0; s < kSteps; ++s) {
    at::Tensor weight = at::ones_like(steps.value[0]);
    for (int64_t t = s; t < kSteps; ++t) {
      const at::Tensor delta =
          steps.reward[t] + steps.discount[t] * steps.next_value[t] - steps.value[t];
      target[s] += weight * ratio[t].clamp_max(options.clip_rho) * delta;
      weight = weight * steps.discount[t] * options.lambda * ratio[t].clamp_max(options.clip_c) *
               (1 - steps.truncated[t]);
    }
  }
  return target;
}

at::Tensor NaiveAdvantages(const Steps& steps, const at::Tensor& ratio, const at::Tensor& target,
                           const VtraceOptions& options) {
  at::Tensor advantage = at::zeros_like(steps.value);
  for (int64_t t = 0; t < kSteps; ++t) {
    at::Tensor next = steps.next_value[t];
    if (t + 1 < kSteps) {
      const at::Tensor corrected = options.lambda * target[t + 1] + (1 - options.lambda) * next;
      next = at::where(steps.truncated[t] > 0, next, corrected);
    }
    advantage[t] = ratio[t].clamp_max(options.clip_policy_rho) *
                   (steps.reward[t] + steps.discount[t] * next - steps.value[t]);
  }
  return advantage;
}

TEST(VtraceTest, IsTheSumOfThePaperWithTruncations) {
  const Steps steps = RandomSteps(kSteps, kUnrolls);
  ASSERT_GT(steps.truncated.sum().item<double>(), 3);
  const at::Tensor log_ratio = RandomLogRatio();
  for (const VtraceOptions& options :
       {VtraceOptions{}, VtraceOptions{2, 0.8, 1.5, 1}, VtraceOptions{1, 1, 1, 0.7}}) {
    const Vtrace vtrace = VtraceTargets(steps, log_ratio, options);
    const at::Tensor target = NaiveTargets(steps, log_ratio.exp(), options);
    EXPECT_TRUE(vtrace.target.allclose(target));
    EXPECT_TRUE(
        vtrace.advantage.allclose(NaiveAdvantages(steps, log_ratio.exp(), target, options)));
    EXPECT_TRUE(vtrace.rho.allclose(log_ratio.exp().clamp_max(options.clip_rho)));
  }
}

TEST(VtraceTest, OnPolicyItIsTheReturnOfLambdaOne) {
  const Steps steps = RandomSteps(kSteps, kUnrolls);
  const Vtrace vtrace = VtraceTargets(steps, at::zeros_like(steps.reward));
  EXPECT_TRUE(vtrace.target.allclose(LambdaReturns(steps, 1)));
  EXPECT_TRUE(vtrace.advantage.allclose(GaeAdvantages(steps, 1)));
}

// V of a chain without choices, so that no ratio matters: every error δ is 0.
TEST(VtraceTest, WithExactValuesACutAnywhereChangesNothing) {
  Steps steps = RandomSteps(kSteps, kUnrolls);
  const at::Tensor log_ratio = RandomLogRatio();
  for (int64_t t = kSteps - 1; t >= 0; --t) {
    steps.value[t] = steps.reward[t] + steps.discount[t] * steps.next_value[t];
    if (t > 0) {
      const at::Tensor final_value = steps.next_value[t - 1].clone();
      steps.next_value[t - 1] = at::where(steps.truncated[t - 1] > 0, final_value, steps.value[t]);
    }
  }
  for (int64_t cut = 1; cut < kSteps; ++cut) {
    const Vtrace head = VtraceTargets(Part(steps, 0, cut), log_ratio.narrow(0, 0, cut));
    const Vtrace tail =
        VtraceTargets(Part(steps, cut, kSteps - cut), log_ratio.narrow(0, cut, kSteps - cut));
    EXPECT_TRUE(at::cat({head.target, tail.target}).allclose(steps.value));
    EXPECT_LT(at::cat({head.advantage, tail.advantage}).abs().max().item<double>(), 1e-12);
  }
}

TEST(VtraceTest, ExtremeRatiosStayFinite) {
  Steps steps = RandomSteps(kSteps, kUnrolls);
  for (at::Tensor* x :
       {&steps.reward, &steps.discount, &steps.truncated, &steps.value, &steps.next_value}) {
    *x = x->to(at::kFloat);
  }
  for (const float size : {20.0F, 1000.0F}) {
    const Vtrace vtrace = VtraceTargets(steps, RandomLogRatio().sign().to(at::kFloat) * size);
    EXPECT_TRUE(at::isfinite(vtrace.target).all().item<bool>());
    EXPECT_TRUE(at::isfinite(vtrace.advantage).all().item<bool>());
  }
}

}  // namespace
}  // namespace drover
