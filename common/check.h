#ifndef DROVER_COMMON_CHECK_H_
#define DROVER_COMMON_CHECK_H_

#include <sstream>

// DROVER_CHECK(condition) << "what was expected and what was found";
//
// For our own bugs only: if the condition does not hold, prints file:line, the condition and the
// message to stderr and aborts. What a peer, a file, a config or a person can cause is an
// absl::Status. It is never compiled out; the message is built only when the check fails.
#define DROVER_CHECK(condition)                 \
  (condition) ? (void)0                         \
              : ::drover::internal::Voidify() & \
                    ::drover::internal::CheckFailure(__FILE__, __LINE__, #condition).stream()

namespace drover::internal {

class CheckFailure {
 public:
  CheckFailure(const char* file, int line, const char* condition);
  [[noreturn]] ~CheckFailure();

  std::ostream& stream() { return message_; }

 private:
  std::ostringstream message_;
};

// Makes both branches of DROVER_CHECK void; & binds weaker than <<.
struct Voidify {
  void operator&(const std::ostream&) const {}
};

}  // namespace drover::internal

#endif  // DROVER_COMMON_CHECK_H_
