#include "actor/weight_cache.h"

#include <cstring>
#include <utility>

#include "common/check.h"

namespace drover {

WeightCache::WeightCache(TakeFn take, at::Tensor parameters)
    : take_(std::move(take)), parameters_(std::move(parameters)) {
  DROVER_CHECK(parameters_.is_contiguous() && parameters_.device().is_cpu());
}

bool WeightCache::Update() {
  if (!take_(&set_)) return false;
  DROVER_CHECK(set_.data.size() == parameters_.nbytes()) << set_.data.size();
  std::memcpy(parameters_.data_ptr<float>(), set_.data.data(), set_.data.size());
  version_ = set_.header.version();
  frames_ = set_.header.frames();
  trained_frames_ = set_.header.trained_frames();
  return true;
}

}  // namespace drover
