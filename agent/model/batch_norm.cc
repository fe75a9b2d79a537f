#include "agent/model/batch_norm.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/batch_norm.h>

namespace drover {
namespace {

constexpr double kMomentum = 0.1;
constexpr double kEpsilon = 1e-5;

}  // namespace

std::vector<ParameterSpec> BatchNorm::Specs(const std::string& name, int64_t features) {
  std::vector<ParameterSpec> specs;
  for (const char* part : {".scale", ".shift", ".mean", ".variance"}) {
    specs.push_back({name + part, {features}});
  }
  return specs;
}

BatchNorm::BatchNorm(const Parameters& parameters, const std::string& name)
    : scale_(parameters.Get(name + ".scale")),
      shift_(parameters.Get(name + ".shift")),
      mean_(parameters.Get(name + ".mean").detach()),
      variance_(parameters.Get(name + ".variance").detach()) {}

void BatchNorm::Initialize() const {
  const at::NoGradGuard no_grad;
  scale_.fill_(1);
  variance_.fill_(1);
}

BatchNorm BatchNorm::Frozen() const {
  BatchNorm frozen = *this;
  frozen.scale_ = scale_.detach();
  frozen.shift_ = shift_.detach();
  return frozen;
}

at::Tensor BatchNorm::Forward(const at::Tensor& x) const {
  const bool training = at::GradMode::is_enabled() && scale_.requires_grad();
  return at::batch_norm(x, scale_, shift_, mean_, variance_, training, kMomentum, kEpsilon,
                        /*cudnn_enabled=*/false);
}

}  // namespace drover
