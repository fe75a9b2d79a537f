#ifndef DROVER_AGENT_NORMALIZATION_RUNNING_MOMENTS_H_
#define DROVER_AGENT_NORMALIZATION_RUNNING_MOMENTS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "proto/trajectory.pb.h"

namespace drover {

// Mean and variance of all that was seen, element by element over [D], in float64. They merge in
// any order (Chan, Golub and LeVeque 1983): actors gather deltas, the learner has the whole, and
// what it has travels with the weights.
//
//   RunningMoments seen(D);  seen.Add(batch);  seen.Write(&message);  // an actor
//   all.Merge(RunningMoments(message));                               // the learner
//   x = Normalize(x, all.mean(), all.Deviation(), /*clip=*/10);       // everybody
class RunningMoments {
 public:
  // As if `count` numbers of mean 0 and variance 1 had been seen: they keep the first ones
  // harmless.
  explicit RunningMoments(int64_t size, double count = 0);
  // As many as the message has; one that common/moments.h lets through.
  explicit RunningMoments(const Moments& message);

  void Add(const at::Tensor& batch);  // [N, D]
  void Merge(const RunningMoments& other);

  double count() const { return count_.item<double>(); }
  const at::Tensor& mean() const { return mean_; }  // [D]
  at::Tensor Variance() const;   // [D], of the population; 1 where nothing was seen
  at::Tensor Deviation() const;  // [D] √(variance + 1e-8)

  void Write(Moments* message) const;
  // What a checkpoint keeps: views, which a load writes through.
  std::vector<std::pair<std::string, at::Tensor>> State() const;

 private:
  at::Tensor count_;  // [] float64
  at::Tensor mean_;   // [D] float64
  at::Tensor m2_;     // [D] float64: Σ (x − mean)²
};

// clip((x − mean) / deviation, −clip, clip) of x [..., D].
at::Tensor Normalize(const at::Tensor& x, const at::Tensor& mean, const at::Tensor& deviation,
                     double clip);
// x / deviation, clipped likewise: of rewards, whose sign must not change.
at::Tensor Scale(const at::Tensor& x, const at::Tensor& deviation, double clip);

}  // namespace drover

#endif  // DROVER_AGENT_NORMALIZATION_RUNNING_MOMENTS_H_
