#ifndef DROVER_TESTS_LEARNER_UNROLLS_H_
#define DROVER_TESTS_LEARNER_UNROLLS_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "proto/spec.pb.h"
#include "proto/trajectory.pb.h"

// Made-up experience for the learner's tests.
namespace drover::testing {

constexpr uint32_t kSteps = 3;        // T
constexpr int64_t kEnvironments = 2;  // E
constexpr int64_t kObservation = 2;   // numbers in an observation
constexpr int32_t kActions = 3;

// The leaves that an agent of kActions discrete actions has, by index.
enum LeafIndex { kObservationLeaf, kActionLeaf, kLogProbLeaf, kRewardLeaf, kEndLeaf, kFinalLeaf };

inline Spec TestSpec() {
  Spec spec;
  spec.set_protocol_version(1);
  spec.set_steps(kSteps);
  const auto add = [&](const char* name, DType::Kind dtype, Leaf::Rate rate, bool observation) {
    Leaf* leaf = spec.add_leaves();
    leaf->set_name(name);
    leaf->set_dtype(dtype);
    leaf->set_rate(rate);
    if (observation) leaf->add_shape(kObservation);
  };
  add("observation", DType::float32, Leaf::per_observation, true);
  add("action", DType::int32, Leaf::per_step, false);
  add("log_prob", DType::float32, Leaf::per_step, false);
  add("reward", DType::float32, Leaf::per_step, false);
  add("end", DType::uint8, Leaf::per_step, false);
  add("final_observation", DType::float32, Leaf::sparse, true);
  return spec;
}

template <typename T>
std::string ToBytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

template <typename T>
std::vector<T> FromBytes(const std::vector<char>& bytes) {
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

// One number of a column, for tests that damage it.
template <typename T>
void Set(Unrolls* unrolls, LeafIndex leaf, size_t index, T value) {
  std::memcpy(&(*unrolls->mutable_columns(leaf))[index * sizeof(T)], &value, sizeof(T));
}

// Valid unrolls of `environments` in which `version` acted throughout and no episode ended.
// Environment e at step t observed {base + 10 e + t, -(base + 10 e + t)}, acted (e + t) % kActions,
// and got reward base + 10 e + t.
inline Unrolls MakeUnrolls(uint64_t sequence, uint64_t version, float base = 0,
                           int64_t environments = kEnvironments) {
  std::vector<float> observations;
  std::vector<int32_t> actions;
  std::vector<float> rewards;
  for (uint32_t t = 0; t <= kSteps; ++t) {
    for (int64_t e = 0; e < environments; ++e) {
      const float value = base + 10.0F * static_cast<float>(e) + static_cast<float>(t);
      observations.push_back(value);
      observations.push_back(-value);
      if (t == kSteps) continue;
      actions.push_back(static_cast<int32_t>((e + t) % kActions));
      rewards.push_back(value);
    }
  }
  Unrolls unrolls;
  unrolls.set_sequence(sequence);
  unrolls.add_columns(ToBytes(observations));
  unrolls.add_columns(ToBytes(actions));
  unrolls.add_columns(ToBytes(std::vector<float>(rewards.size(), -1.0F)));
  unrolls.add_columns(ToBytes(rewards));
  unrolls.add_columns(std::string(rewards.size(), '\0'));
  unrolls.add_columns("");
  unrolls.add_versions()->set_version(version);
  unrolls.set_started_unix_micros(1000000 + sequence);
  return unrolls;
}

inline void AddEpisode(Unrolls* unrolls, double undiscounted_return, uint64_t length) {
  Episode* episode = unrolls->add_episodes();
  episode->set_return_(undiscounted_return);
  episode->set_length(length);
}

inline void Terminate(Unrolls* unrolls, uint32_t step, uint32_t environment,
                      double undiscounted_return, int64_t environments = kEnvironments) {
  Set<uint8_t>(unrolls, kEndLeaf, step * environments + environment, 1);
  AddEpisode(unrolls, undiscounted_return, step + 1);
}

// With the final observation {value, -value}. In the order of (step, environment).
inline void Truncate(Unrolls* unrolls, uint32_t step, uint32_t environment, float value,
                     double undiscounted_return, int64_t environments = kEnvironments) {
  Set<uint8_t>(unrolls, kEndLeaf, step * environments + environment, 2);
  AddEpisode(unrolls, undiscounted_return, step + 1);
  Position* position = unrolls->add_finals();
  position->set_step(step);
  position->set_environment(environment);
  *unrolls->mutable_columns(kFinalLeaf) += ToBytes(std::vector<float>{value, -value});
}

}  // namespace drover::testing

#endif  // DROVER_TESTS_LEARNER_UNROLLS_H_
