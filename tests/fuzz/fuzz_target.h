#ifndef DROVER_TESTS_FUZZ_FUZZ_TARGET_H_
#define DROVER_TESTS_FUZZ_FUZZ_TARGET_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "tests/fuzz/mutate.h"

// What a fuzz target defines, one a program. Its main is libFuzzer's under AddressSanitizer
// (fuzz_main.cc), else one that replays the seeds (replay_main.cc).
namespace drover::fuzz {

// Hands any bytes to the code under test. A bug ends the process: by a sanitizer, or by a
// DROVER_CHECK of what must hold. True: all of it was valid.
bool Run(absl::string_view input);

// Valid inputs, made by the real encoders: where the fuzzer starts from.
std::vector<std::string> Seeds();

// Another input from one that was interesting, by what the target knows of its form. Besides,
// libFuzzer changes bytes.
std::string Mutate(absl::string_view input, Random* random);

}  // namespace drover::fuzz

#endif  // DROVER_TESTS_FUZZ_FUZZ_TARGET_H_
