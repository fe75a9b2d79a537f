// The memory against LibTorch's own cells, one step after another.

#include "agent/model/recurrent_core.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/gru_cell.h>
#include <ATen/ops/linalg_svdvals.h>
#include <ATen/ops/lstm_cell.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/randn_like.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>
#include <gtest/gtest.h>
#include <torch/csrc/autograd/autograd.h>

#include <vector>

namespace drover {
namespace {

constexpr int64_t kSteps = 7;
constexpr int64_t kRows = 3;
constexpr int64_t kInputs = 5;
constexpr uint32_t kSize = 6;

class RecurrentCoreTest : public ::testing::TestWithParam<Recurrence::Cell::Kind> {
 protected:
  RecurrentCoreTest()
      : parameters_(RecurrentCore::Specs(Config(), "memory", kInputs), at::kCPU),
        core_(parameters_, Config(), "memory") {
    const at::NoGradGuard no_grad;
    parameters_.values().normal_(0, 0.7);
    keep_ = at::ones({kSteps, kRows});
    keep_[0][2] = 0;
    keep_[3][0] = 0;
    keep_[4][0] = 0;
    keep_[6][1] = 0;
  }

  static bool lstm() { return GetParam() == Recurrence::Cell::lstm; }
  static Recurrence Config() {
    Recurrence config;
    config.set_cell(GetParam());
    config.set_size(kSize);
    return config;
  }
  const at::Tensor& Get(const char* name) const { return parameters_.Get(name); }

  at::Tensor LibTorchStep(const at::Tensor& x, const at::Tensor& state) const {
    const at::Tensor& w = Get("memory.input.0.weight");
    const at::Tensor& u = Get("memory.recurrent.0.weight");
    const at::Tensor& b = Get("memory.input.0.bias");
    const at::Tensor& c = Get("memory.recurrent.0.bias");
    if (!lstm()) return at::gru_cell(x, state, w, u, b, c);
    const auto next =
        at::lstm_cell(x, {state.narrow(1, 0, kSize), state.narrow(1, kSize, kSize)}, w, u, b, c);
    return at::cat({std::get<0>(next), std::get<1>(next)}, 1);
  }

  at::Tensor LibTorchScan(const at::Tensor& x, at::Tensor state) const {
    std::vector<at::Tensor> states;
    for (int64_t t = 0; t < x.size(0); ++t) {
      state = LibTorchStep(x[t], state * keep_[t].unsqueeze(1));
      states.push_back(state);
    }
    return at::stack(states);
  }

  static void ExpectClose(const at::Tensor& actual, const at::Tensor& expected) {
    ASSERT_EQ(actual.sizes(), expected.sizes());
    const double scale = 1 + expected.abs().max().item<double>();
    EXPECT_LT((actual - expected).abs().max().item<double>(), 1e-5 * scale);
  }

  at::Tensor Inputs() const { return at::randn({kSteps, kRows, kInputs}); }
  at::Tensor State() const { return at::randn({kRows, core_.state_elements()}); }

  Parameters parameters_;
  RecurrentCore core_;
  at::Tensor keep_;
};
INSTANTIATE_TEST_SUITE_P(Cells, RecurrentCoreTest,
                         ::testing::Values(Recurrence::Cell::lstm, Recurrence::Cell::gru),
                         [](const auto& info) { return Recurrence::Cell::Kind_Name(info.param); });

TEST_P(RecurrentCoreTest, AStepIsLibTorchsCell) {
  const at::Tensor x = at::randn({kRows, kInputs});
  const at::Tensor state = State();
  ExpectClose(core_.Step(x, state), LibTorchStep(x, state));
}

TEST_P(RecurrentCoreTest, AScanIsTheseStepsWithTheSameGradients) {
  const at::Tensor x = Inputs().requires_grad_();
  const at::Tensor state = State();
  const at::Tensor own = core_.Scan(x, state, keep_);
  const at::Tensor expected = LibTorchScan(x, state);
  ExpectClose(own, expected);
  std::vector<at::Tensor> inputs = {x};
  for (const ParameterSpec& spec : RecurrentCore::Specs(Config(), "memory", kInputs)) {
    inputs.push_back(Get(spec.name.c_str()));
  }
  const at::Tensor weight = at::randn_like(own);  // to c, too
  const auto actual = torch::autograd::grad({own}, inputs, {weight});
  const auto gradients = torch::autograd::grad({expected}, inputs, {weight});
  for (size_t i = 0; i < inputs.size(); ++i) ExpectClose(actual[i], gradients[i]);
}

// So that neither it nor LibTorch's are trusted alone.
TEST_P(RecurrentCoreTest, GradientsThroughTimeAreFiniteDifferences) {
  constexpr float kDelta = 1e-2F;
  const at::Tensor x = Inputs();
  const at::Tensor state = State();
  const at::Tensor weight = at::randn({kRows, kSize});
  // Of the last step alone: all that earlier ones get has come through time.
  const auto last = [&] {
    return (core_.Output(core_.Scan(x, state, keep_))[kSteps - 1] * weight).sum();
  };
  last().backward();
  const at::NoGradGuard no_grad;
  const at::Tensor values = parameters_.values();
  double largest = 0;
  for (int64_t i = 0; i < values.numel(); i += 5) {
    at::Tensor value = values[i];
    value += kDelta;
    const double above = last().item<double>();
    value -= 2 * kDelta;
    const double below = last().item<double>();
    value += kDelta;
    const double expected = (above - below) / (2 * kDelta);
    largest = std::max(largest, std::abs(expected));
    EXPECT_NEAR(parameters_.gradient()[i].item<double>(), expected, 5e-3) << i;
  }
  EXPECT_GT(largest, 0.1);
}

TEST_P(RecurrentCoreTest, EpisodesOfAScanKnowNothingOfEachOther) {
  const at::NoGradGuard no_grad;
  const at::Tensor x = Inputs();
  const at::Tensor together = core_.Scan(x, State(), keep_);
  // Row 0 has episodes at steps 0–2, of which the first goes on from its state, 3, and 4–6.
  const at::Tensor nothing = at::zeros_like(State()).narrow(0, 0, 1);
  const auto apart = [&](int64_t first, int64_t steps) {
    return core_.Scan(x.narrow(0, first, steps).narrow(1, 0, 1), nothing, at::ones({steps, 1}));
  };
  ExpectClose(together.narrow(0, 3, 1).narrow(1, 0, 1), apart(3, 1));
  ExpectClose(together.narrow(0, 4, 3).narrow(1, 0, 1), apart(4, 3));
}

TEST_P(RecurrentCoreTest, AStateGoesOnInTheNextScan) {
  const at::NoGradGuard no_grad;
  const at::Tensor x = Inputs();
  const at::Tensor state = State();
  const at::Tensor whole = core_.Scan(x, state, keep_);
  const at::Tensor first = core_.Scan(x.narrow(0, 0, 4), state, keep_.narrow(0, 0, 4));
  const at::Tensor second = core_.Scan(x.narrow(0, 4, 3), first[3], keep_.narrow(0, 4, 3));
  ExpectClose(at::cat({first, second}), whole);
}

TEST_P(RecurrentCoreTest, GatesAreOrthogonalAndTheMemoryStartsOpen) {
  Random random({1});
  parameters_.values().zero_();
  core_.Initialize(random);
  for (const char* name : {"memory.input.0.weight", "memory.recurrent.0.weight"}) {
    for (const at::Tensor& gate : Get(name).detach().split(kSize)) {
      EXPECT_LT((at::linalg_svdvals(gate) - 1).abs().max().item<double>(), 1e-5) << name;
    }
  }
  const at::Tensor bias = Get("memory.input.0.bias").detach();
  EXPECT_EQ(bias.narrow(0, kSize, kSize).sum().item<double>(), kSize);
  EXPECT_EQ(bias.sum().item<double>(), kSize);
}

}  // namespace
}  // namespace drover
