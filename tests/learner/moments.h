#ifndef DROVER_TESTS_LEARNER_MOMENTS_H_
#define DROVER_TESTS_LEARNER_MOMENTS_H_

#include <cmath>

#include "common/check.h"
#include "common/moments.h"
#include "tests/learner/unrolls.h"

// Made-up moments for messages of the learner's tests.
namespace drover::testing {

constexpr MomentsSizes kMoments{kObservation, 1};

inline void SetMoments(size_t size, double mean, double m2, Moments* moments) {
  moments->set_count(kSteps * kEnvironments);
  for (size_t i = 0; i < size; ++i) {
    moments->add_mean(mean + static_cast<double>(i));
    moments->add_m2(m2);
  }
}

// Unrolls or a PushRequest, as a run wants it that normalises observations and returns.
template <typename Message>
Message WithMoments(Message message, double mean = 1) {
  SetMoments(kMoments.observations, mean, 2, message.mutable_observation_moments());
  SetMoments(kMoments.returns, -mean, 3, message.mutable_return_moments());
  return message;
}

// What merging relies on.
inline void CheckSeen(const SeenMoments& seen) {
  DROVER_CHECK(seen.observations.mean_size() == kObservation);
  DROVER_CHECK(seen.returns.mean_size() == 1);
  for (const Moments* moments : {&seen.observations, &seen.returns}) {
    DROVER_CHECK(moments->count() == kSteps * kEnvironments);
    DROVER_CHECK(moments->m2_size() == moments->mean_size());
    for (const double mean : moments->mean()) DROVER_CHECK(std::isfinite(mean));
    for (const double m2 : moments->m2()) DROVER_CHECK(std::isfinite(m2) && m2 >= 0);
  }
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_LEARNER_MOMENTS_H_
