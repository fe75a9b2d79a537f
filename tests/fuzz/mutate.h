#ifndef DROVER_TESTS_FUZZ_MUTATE_H_
#define DROVER_TESTS_FUZZ_MUTATE_H_

#include <functional>
#include <random>
#include <string>

#include "absl/strings/string_view.h"

// Mutations that keep what libFuzzer's own, of single bytes, mostly break: lengths and nesting.
namespace drover::fuzz {

using Random = std::minstd_rand;
using Mutator = std::function<std::string(absl::string_view, Random*)>;

// Of a protobuf message, without its type: drops, repeats or changes a field, however deep.
std::string MutateMessage(absl::string_view message, Random* random);

// Of a text: drops, repeats or replaces some of its words and signs, or adds a sign.
std::string MutateText(absl::string_view text, Random* random);

// Of steps (steps.h): drops, repeats or swaps some, or changes one with `mutate`.
std::string MutateSteps(absl::string_view steps, Random* random, const Mutator& mutate);

}  // namespace drover::fuzz

#endif  // DROVER_TESTS_FUZZ_MUTATE_H_
