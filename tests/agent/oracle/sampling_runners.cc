#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "common/importance.h"
#include "replay/selector.h"
#include "tests/agent/oracle/runners.h"

namespace drover {
namespace {

std::vector<double> Numbers(const at::Tensor& tensor) {
  const at::Tensor numbers = tensor.to(at::kDouble).contiguous();
  return {numbers.const_data_ptr<double>(), numbers.const_data_ptr<double>() + numbers.numel()};
}

}  // namespace

OracleOutputs RunPerSampling(OracleInputs& in) {
  const std::vector<double> priorities = Numbers(in.Real("priorities", "M"));
  const double beta = in.Scalar("beta");
  const auto selector = MakeSelector(SelectorConfig::prioritized, in.Scalar("alpha"),
                                     static_cast<uint32_t>(priorities.size()));
  for (uint32_t slot = 0; slot < priorities.size(); ++slot)
    selector->Insert(slot, priorities[slot]);
  std::vector<double> probabilities;
  for (uint32_t slot = 0; slot < priorities.size(); ++slot) {
    probabilities.push_back(selector->Probability(slot));
  }

  std::vector<double> uniforms = Numbers(in.Real("uniforms", "K"));
  const auto strata = static_cast<double>(uniforms.size());
  for (size_t k = 0; k < uniforms.size(); ++k) {
    uniforms[k] = (static_cast<double>(k) + uniforms[k]) / strata;
  }
  std::vector<Draw> draws(uniforms.size());
  selector->SampleAll(uniforms, absl::MakeSpan(draws));
  std::vector<int64_t> indices;
  std::vector<double> drawn;
  for (const Draw& draw : draws) {
    indices.push_back(draw.slot);
    drawn.push_back(draw.probability);
  }

  const auto items = static_cast<double>(priorities.size());
  std::vector<double> raw(drawn.size());
  ImportanceWeights(drawn, items, beta, absl::MakeSpan(raw));
  std::vector<double> of_all(probabilities.size());
  ImportanceWeights(probabilities, items, beta, absl::MakeSpan(of_all));
  std::vector<double> batch_max = raw;
  DivideBy(*std::max_element(raw.begin(), raw.end()), absl::MakeSpan(batch_max));
  std::vector<double> buffer_max = raw;
  DivideBy(*std::max_element(of_all.begin(), of_all.end()), absl::MakeSpan(buffer_max));

  std::vector<double> renewed = Numbers(in.Real("td_errors", "K"));
  for (double& error : renewed) error = PriorityOf(error, in.Scalar("eps"));
  return {{"probabilities", at::tensor(probabilities, at::kDouble)},
          {"indices", at::tensor(indices, at::kLong)},
          {"weights_raw", at::tensor(raw, at::kDouble)},
          {"weights_batch_max", at::tensor(batch_max, at::kDouble)},
          {"weights_buffer_max", at::tensor(buffer_max, at::kDouble)},
          {"new_priorities", at::tensor(renewed, at::kDouble)}};
}

}  // namespace drover
