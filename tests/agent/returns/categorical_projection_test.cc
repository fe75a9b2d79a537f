#include "agent/returns/categorical_projection.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linspace.h>
#include <ATen/ops/rand.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/tensor.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

at::Tensor Mean(const at::Tensor& mass, const at::Tensor& atoms) { return (mass * atoms).sum(-1); }

TEST(ProjectCategoricalTest, KeepsMassAndTheMeanInsideTheSupport) {
  const at::Tensor support = at::linspace(-165, 0, 51);
  const at::Tensor atoms = at::rand({200, 37}) * -165;
  const at::Tensor random = at::rand({200, 37});
  const at::Tensor mass = random / random.sum(1, true);
  const at::Tensor projected = ProjectCategorical(atoms, mass, support);
  EXPECT_TRUE(projected.sum(1).allclose(at::linspace(1, 1, 200), 1e-5, 1e-6));
  EXPECT_TRUE(Mean(projected, support).allclose(Mean(mass, atoms), 1e-4, 1e-4));
  EXPECT_GE(projected.min().item<double>(), 0);
}

TEST(ProjectCategoricalTest, WhatLiesOutsideIsOnTheEdge) {
  const at::Tensor support = at::linspace(-2, 2, 5);
  const at::Tensor projected =
      ProjectCategorical(at::tensor({-7.0, 9.0, 2.0}).view({1, 3}),
                         at::tensor({0.5, 0.25, 0.25}).view({1, 3}), support);
  EXPECT_TRUE(projected.allclose(at::tensor({0.5, 0.0, 0.0, 0.0, 0.5}).view({1, 5})));
}

// A fixed point: with zero reward and discount 1 a distribution stays as it is, however often.
TEST(CategoricalTargetTest, NothingHappensWithoutRewardAndDiscount) {
  const at::Tensor support = at::linspace(-10, 10, 51);
  at::Tensor logits = at::randn({4, 51});
  const at::Tensor zero = at::linspace(0, 0, 4);
  const at::Tensor first = CategoricalTarget(zero, zero + 1, logits, support);
  for (int i = 0; i < 100; ++i) {
    logits = (CategoricalTarget(zero, zero + 1, logits, support)).log();
  }
  EXPECT_TRUE(logits.exp().allclose(first, 1e-3, 1e-6));
}

}  // namespace
}  // namespace drover
