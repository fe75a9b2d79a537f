#include "agent/model/parameters.h"

#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <functional>
#include <numeric>

#include "common/check.h"

namespace drover {
namespace {

int64_t Size(const ParameterSpec& spec) {
  return std::accumulate(spec.shape.begin(), spec.shape.end(), int64_t{1}, std::multiplies<>());
}

// FNV-1a, 64 bit.
void HashBytes(const void* data, size_t size, uint64_t* hash) {
  const auto* bytes = static_cast<const unsigned char*>(data);
  for (size_t i = 0; i < size; ++i) *hash = (*hash ^ bytes[i]) * 0x100000001b3ULL;
}

}  // namespace

void Append(std::vector<ParameterSpec> more, std::vector<ParameterSpec>* specs) {
  for (ParameterSpec& spec : more) specs->push_back(std::move(spec));
}

Parameters::Parameters(std::vector<ParameterSpec> specs, at::Device device)
    : specs_(std::move(specs)) {
  const auto options = at::TensorOptions(device).dtype(at::kFloat);
  values_ = at::zeros({SizeOfFirst(specs_.size())}, options);
  gradient_ = at::zeros_like(values_);
  int64_t offset = 0;
  for (const ParameterSpec& spec : specs_) {
    const int64_t size = Size(spec);
    at::Tensor view = values_.detach().narrow(0, offset, size).view(spec.shape);
    view.set_requires_grad(true);
    view.mutable_grad() = gradient_.narrow(0, offset, size).view(spec.shape);
    views_.push_back(std::move(view));
    offset += size;
  }
}

const at::Tensor& Parameters::Get(const std::string& name) const {
  for (size_t i = 0; i < specs_.size(); ++i) {
    if (specs_[i].name == name) return views_[i];
  }
  DROVER_CHECK(false) << "no parameter " << name;
  return views_.front();
}

std::vector<std::pair<std::string, at::Tensor>> Parameters::Named() const {
  std::vector<std::pair<std::string, at::Tensor>> named;
  for (size_t i = 0; i < specs_.size(); ++i) named.emplace_back(specs_[i].name, views_[i].detach());
  return named;
}

int64_t Parameters::SizeOfFirst(size_t count) const {
  int64_t size = 0;
  for (size_t i = 0; i < count; ++i) size += Size(specs_[i]);
  return size;
}

uint64_t Parameters::LayoutHashOfFirst(size_t count) const {
  uint64_t hash = 0xcbf29ce484222325ULL;
  for (size_t i = 0; i < count; ++i) {
    HashBytes(specs_[i].name.c_str(), specs_[i].name.size() + 1, &hash);
    for (int64_t extent : specs_[i].shape) HashBytes(&extent, sizeof(extent), &hash);
  }
  return hash;
}

}  // namespace drover
