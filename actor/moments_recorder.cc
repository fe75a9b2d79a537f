#include "actor/moments_recorder.h"

#include <ATen/ops/from_blob.h>
#include <ATen/ops/stack.h>

#include <vector>

#include "agent/normalization/running_moments.h"

namespace drover {
namespace {

Moments MomentsOf(const at::Tensor& batch) {
  RunningMoments seen(batch.size(1));
  seen.Add(batch);
  Moments message;
  seen.Write(&message);
  return message;
}

}  // namespace

MomentsRecorder::MomentsRecorder(const Experiment& experiment)
    : experiment_(experiment),
      returns_(experiment.actors().environments(), experiment.returns().gamma()) {}

void MomentsRecorder::Record(UnrollBuilder* builder) {
  const Normalization& config = experiment_.model().normalization();
  Unrolls* const unrolls = builder->unrolls();
  if (config.observations()) {
    const int64_t rows = builder->steps() * builder->environments();
    const at::Tensor seen =
        at::from_blob(builder->observation(0), {rows, builder->observation_elements()}, at::kFloat);
    *unrolls->mutable_observation_moments() = MomentsOf(seen);
  }
  if (config.returns()) {
    *unrolls->mutable_return_moments() = MomentsOf(DiscountedSums(builder).view({-1, 1}));
  }
}

at::Tensor MomentsRecorder::DiscountedSums(UnrollBuilder* builder) {
  // Such an unroll begins new episodes, whether or not the old ones ended.
  if (experiment_.actors().whole_episodes()) returns_.StartAnew();
  const int64_t environments = builder->environments();
  std::vector<at::Tensor> sums;
  for (int64_t t = 0; t < builder->steps(); ++t) {
    sums.push_back(returns_.Next(at::from_blob(builder->reward(t), {environments}, at::kFloat),
                                 at::from_blob(builder->end(t), {environments}, at::kByte)));
  }
  return at::stack(sums);
}

}  // namespace drover
