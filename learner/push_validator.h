#ifndef DROVER_LEARNER_PUSH_VALIDATOR_H_
#define DROVER_LEARNER_PUSH_VALIDATOR_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/moments.h"
#include "proto/gradients.pb.h"

namespace drover {

// Checks what actors push, so that nothing behind it need look again. Stateless: any thread.
class PushValidator {
 public:
  struct Options {
    uint64_t layout_hash = 0;     // of names and shapes of all parameters
    size_t parameters = 0;        // P: numbers in a gradient
    uint64_t message_frames = 0;  // T * E: environment steps that a gradient is of
    MomentsSizes moments;         // that come with a gradient
  };

  explicit PushValidator(const Options& options) : options_(options) {}

  // FAILED_PRECONDITION: another layout. INVALID_ARGUMENT, with what is wrong: a gradient of
  // another size, more episodes than steps, an episode without steps, more than 64 statistics,
  // other moments than common/moments.h wants, or anything of these without a sequence number.
  absl::Status CheckForm(const PushRequest& request) const;

  // INVALID_ARGUMENT, with where, if a number of a well-formed request is NaN or infinite.
  static absl::Status CheckFinite(const PushRequest& request);

  // No valid request is larger, in bytes of protobuf.
  size_t MaxMessageBytes() const;

 private:
  const Options options_;
};

}  // namespace drover

#endif  // DROVER_LEARNER_PUSH_VALIDATOR_H_
