#include "agent/train_step.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>
#include <ATen/ops/tensor.h>

#include <numeric>

#include "absl/strings/str_cat.h"
#include "agent/coefficient/coefficient.h"
#include "agent/forward.h"
#include "agent/update/global_norm.h"
#include "common/clock.h"
#include "common/random.h"

namespace drover {
namespace {

constexpr uint64_t kMinibatchStream = 0x6d696e69;  // keeps these draws apart from others of the seed

at::Tensor Shuffled(int64_t count, uint64_t seed, uint64_t version, uint64_t epoch) {
  std::vector<int64_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  Random random({seed, kMinibatchStream, version, epoch});
  for (int64_t i = count - 1; i > 0; --i) std::swap(order[i], order[random.Below(i + 1)]);
  return at::tensor(order, at::kLong);
}

// The steps of a batch as a list, for minibatches: [T, B, …] -> [T*B, …].
struct Steps {
  at::Tensor observation;
  at::Tensor action;
  at::Tensor log_prob;
  TensorMap targets;

  Steps Select(const at::Tensor& index) const {
    Steps selected{observation.index_select(0, index), action.index_select(0, index),
                   log_prob.index_select(0, index), {}};
    for (const auto& [name, target] : targets) {
      selected.targets[name] = target.index_select(0, index);
    }
    return selected;
  }
};

Steps Flatten(const Batch& batch, const TensorMap& targets) {
  Steps steps{batch.observation.narrow(0, 0, batch.steps()).flatten(0, 1),
              batch.action.flatten(0, 1), batch.log_prob.flatten(0, 1), {}};
  for (const auto& [name, target] : targets) steps.targets[name] = target.flatten(0, 1);
  return steps;
}

}  // namespace

// One phase over one batch: what its steps share, and what they add up to.
struct TrainStep::Work {
  const Batch& batch;
  uint64_t version;
  uint64_t trained_frames;
  Statistics sums;
  int64_t steps = 0;
  bool stop = false;  // the loss asked for no further steps
};

TrainStep::TrainStep(const Experiment& config, const Algorithm& algorithm, Model* model)
    : config_(config), algorithm_(algorithm), model_(model) {
  for (size_t i = 0; i < algorithm.phases.size(); ++i) {
    rules_.push_back(MakeUpdateRule(config.update(), model->parameters().values()));
  }
}

}  // namespace drover
