#include "agent/model/recurrent_core.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/ones.h>

#include "agent/model/gru_scan.h"
#include "agent/model/initialization.h"
#include "agent/model/lstm_scan.h"

namespace drover {
namespace {

constexpr auto kNoActivation = ModelConfig::Activation::unspecified;

bool IsLstm(const Recurrence& config) { return config.cell() != Recurrence::Cell::gru; }

}  // namespace

std::vector<ParameterSpec> RecurrentCore::Specs(const Recurrence& config, const std::string& name,
                                                int64_t inputs) {
  const int64_t size = config.size();
  const int64_t gates = (IsLstm(config) ? 4 : 3) * size;
  std::vector<ParameterSpec> specs = Mlp::Specs(name + ".input", {inputs, gates});
  Append(Mlp::Specs(name + ".recurrent", {size, gates}), &specs);
  return specs;
}

RecurrentCore::RecurrentCore(const Parameters& parameters, const Recurrence& config,
                             const std::string& name)
    : lstm_(IsLstm(config)),
      size_(config.size()),
      input_(parameters, name + ".input", 1, kNoActivation),
      recurrent_(parameters, name + ".recurrent", 1, kNoActivation) {}

void RecurrentCore::Initialize(Random& random) const {
  const at::NoGradGuard no_grad;
  for (const Mlp* part : {&input_, &recurrent_}) {
    const at::Tensor& weight = part->weights().front();
    for (int64_t gate = 0; gate < weight.size(0); gate += size_) {
      FillOrthogonal(1, random, weight.narrow(0, gate, size_));
    }
  }
  input_.biases().front().narrow(0, size_, size_).fill_(1);  // f of an LSTM, z of a GRU
}

at::Tensor RecurrentCore::Scan(const at::Tensor& x, const at::Tensor& state,
                               const at::Tensor& keep) const {
  const at::Tensor flat = input_.Forward(x.flatten(0, 1));
  const at::Tensor projected = flat.view({x.size(0), x.size(1), flat.size(1)});
  const auto scan = lstm_ ? LstmScan : GruScan;
  return scan(projected, recurrent_.weights().front(), recurrent_.biases().front(), state, keep);
}

at::Tensor RecurrentCore::Step(const at::Tensor& x, const at::Tensor& state) const {
  return Scan(x.unsqueeze(0), state, at::ones({1, state.size(0)}, state.options()))[0];
}

int64_t RecurrentCore::StateElements(const ModelConfig& config) {
  if (!config.has_recurrence()) return 0;
  const int64_t each = StateElements(IsLstm(config.recurrence()), config.recurrence().size());
  return config.shared() ? each : 2 * each;
}

}  // namespace drover
