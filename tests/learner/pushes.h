#ifndef DROVER_TESTS_LEARNER_PUSHES_H_
#define DROVER_TESTS_LEARNER_PUSHES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "learner/gradient_receiver.h"
#include "proto/gradients.pb.h"
#include "tests/learner/peers.h"
#include "tests/learner/unrolls.h"

// Made-up gradients of three numbers.
namespace drover::testing {

constexpr size_t kParameters = 3;
constexpr uint64_t kFramesAPush = kSteps * kEnvironments;

inline PushValidator::Options PushForm() { return {kLayout, kParameters, kFramesAPush}; }

inline std::string ParametersOf(float value) {
  return ToBytes(std::vector<float>(kParameters, value));
}

// Asks for weights.
inline PushRequest Ask(uint64_t member) {
  PushRequest request;
  request.set_run_id("run");
  request.set_member_id(member);
  request.set_epoch(kEpoch);
  request.set_table_version(1);
  request.set_layout_hash(kLayout);
  return request;
}

// A gradient of `value`s.
inline PushRequest MakePush(uint64_t member, uint64_t sequence, uint64_t version, float value = 1) {
  PushRequest request = Ask(member);
  request.set_sequence(sequence);
  request.set_version(version);
  request.set_gradient(ParametersOf(value));
  request.set_started_unix_micros(1000000 + sequence);
  (*request.mutable_statistics())["loss"] = value;
  Episode* episode = request.add_episodes();
  episode->set_return_(value);
  episode->set_length(9);
  return request;
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_LEARNER_PUSHES_H_
