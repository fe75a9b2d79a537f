#include "agent/model/running_norm.h"

#include "agent/normalization/running_moments.h"

namespace drover {
namespace {

constexpr char kMean[] = "normalization.mean";
constexpr char kDeviation[] = "normalization.deviation";
constexpr char kReturnDeviation[] = "normalization.return_deviation";

}  // namespace

std::vector<ParameterSpec> RunningNorm::Specs(const Normalization& config, int64_t observation) {
  std::vector<ParameterSpec> specs;
  if (config.observations()) specs = {{kMean, {observation}}, {kDeviation, {observation}}};
  if (config.returns()) specs.push_back({kReturnDeviation, {}});
  return specs;
}

RunningNorm::RunningNorm(const Parameters& parameters, const Normalization& config)
    : clip_(config.clip()) {
  if (config.observations()) {
    mean_ = parameters.Get(kMean).detach();
    deviation_ = parameters.Get(kDeviation).detach();
  }
  if (config.returns()) return_deviation_ = parameters.Get(kReturnDeviation).detach();
}

void RunningNorm::Initialize() const {
  if (mean_.defined()) mean_.zero_();
  if (mean_.defined()) deviation_.fill_(1);
  if (return_deviation_.defined()) return_deviation_.fill_(1);
}

at::Tensor RunningNorm::Observations(const at::Tensor& x) const {
  return mean_.defined() ? Normalize(x, mean_, deviation_, clip_) : x;
}

at::Tensor RunningNorm::Rewards(const at::Tensor& rewards) const {
  return return_deviation_.defined() ? Scale(rewards, return_deviation_, clip_) : rewards;
}

void RunningNorm::SetObservations(const at::Tensor& mean, const at::Tensor& deviation) const {
  mean_.copy_(mean);
  deviation_.copy_(deviation);
}

void RunningNorm::SetReturns(const at::Tensor& deviation) const {
  return_deviation_.copy_(deviation.squeeze());
}

}  // namespace drover
