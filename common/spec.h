#ifndef DROVER_COMMON_SPEC_H_
#define DROVER_COMMON_SPEC_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "proto/spec.pb.h"

// What processes must know of a run's Spec (proto/spec.proto) to exchange unrolls.
namespace drover {

// Grows with each change of the contracts in proto/ that older processes would misunderstand.
constexpr uint32_t kProtocolVersion = 1;

// INVALID_ARGUMENT unless every leaf has a name of its own, a known dtype and rate, and a shape
// that fits memory, and T is 1 or more. The functions below want a spec that passed.
absl::Status CheckSpec(const Spec& spec);

// Of the fields' values in their order, the same in every process and build: what bulk messages
// carry in place of the spec. Specs that differ in anything differ in it.
uint64_t SpecHash(const Spec& spec);

// Bytes of one value of the leaf: without time and environment.
size_t ValueBytes(const Leaf& leaf);

// How many values of the leaf are in the unrolls of E environments over T steps, with K sparse
// ones: (T+1)·E, T·E, E or K.
size_t ValueCount(const Leaf& leaf, size_t steps, size_t environments, size_t finals);

// For people:
//   protocol 1, T = 20
//   observation        float32 [4]  per_observation
//   …
std::string DescribeSpec(const Spec& spec);

}  // namespace drover

#endif  // DROVER_COMMON_SPEC_H_
