#ifndef DROVER_TESTS_FUZZ_STEPS_H_
#define DROVER_TESTS_FUZZ_STEPS_H_

#include <algorithm>
#include <string>

#include "absl/strings/string_view.h"

// A fuzzer's bytes as a sequence of steps, each a byte that says what to do, two of length, and so
// many to do it with. Every string is such a sequence: what is cut off ends early.
namespace drover::fuzz {

struct Step {
  unsigned char what;
  absl::string_view bytes;
};

inline std::string EncodeStep(unsigned char what, absl::string_view bytes = "") {
  std::string step{static_cast<char>(what), static_cast<char>(bytes.size() & 0xff),
                   static_cast<char>(bytes.size() >> 8)};
  return step.append(bytes.data(), bytes.size());
}

// Takes the next step off `input`; false: there is none.
inline bool NextStep(absl::string_view* input, Step* step) {
  if (input->empty()) return false;
  const auto byte = [&](size_t i) {
    return i < input->size() ? static_cast<unsigned char>((*input)[i]) : 0;
  };
  step->what = static_cast<unsigned char>(byte(0));
  const size_t length = byte(1) + 256U * byte(2);
  input->remove_prefix(std::min<size_t>(input->size(), 3));
  step->bytes = input->substr(0, length);
  input->remove_prefix(step->bytes.size());
  return true;
}

// Does each step of `input` in a session, which checks itself after each.
template <typename Session>
void DoSteps(absl::string_view input, Session* session) {
  for (Step step{}; NextStep(&input, &step);) {
    session->Do(step);
    session->Check();
  }
}

}  // namespace drover::fuzz

#endif  // DROVER_TESTS_FUZZ_STEPS_H_
