#ifndef DROVER_COMMON_MOMENTS_H_
#define DROVER_COMMON_MOMENTS_H_

#include <cstddef>

#include "absl/status/status.h"
#include "proto/experiment.pb.h"
#include "proto/trajectory.pb.h"

namespace drover {

// How many numbers the moments in a run's messages are of; 0: there are none.
struct MomentsSizes {
  size_t observations = 0;
  size_t returns = 0;

  // No valid message has more bytes of them.
  size_t MaxBytes() const;
};

// What `config` normalises, of observations of so many numbers.
MomentsSizes MomentsSizesOf(const Normalization& config, size_t observation);

// What the steps of a message add to the statistics of a run that normalises.
struct SeenMoments {
  Moments observations;
  Moments returns;
};

// Of Unrolls or a PushRequest.
template <typename Message>
SeenMoments SeenIn(const Message& message) {
  return {message.observation_moments(), message.return_moments()};
}

// The form of one of them. INVALID_ARGUMENT, with what is wrong, unless it is there where `size` is
// not 0, has as many numbers, is of `count` steps, and has no m2 below 0.
absl::Status CheckMoments(const char* what, bool present, const Moments& moments, size_t size,
                          size_t count);

// INVALID_ARGUMENT if a number is NaN, or more than numbers within float32 can make: such merge
// without end, and normalise float32.
absl::Status CheckMomentsFinite(const char* what, const Moments& moments);

// Both of a message of `count` steps.
template <typename Message>
absl::Status CheckMoments(const Message& message, const MomentsSizes& sizes, size_t count) {
  const absl::Status status =
      CheckMoments("observation_moments", message.has_observation_moments(),
                   message.observation_moments(), sizes.observations, count);
  if (!status.ok()) return status;
  return CheckMoments("return_moments", message.has_return_moments(), message.return_moments(),
                      sizes.returns, count);
}

template <typename Message>
absl::Status CheckMomentsFinite(const Message& message) {
  const absl::Status status =
      CheckMomentsFinite("observation_moments", message.observation_moments());
  return status.ok() ? CheckMomentsFinite("return_moments", message.return_moments()) : status;
}

}  // namespace drover

#endif  // DROVER_COMMON_MOMENTS_H_
