#ifndef DROVER_COMMON_UNROLL_VALIDATOR_H_
#define DROVER_COMMON_UNROLL_VALIDATOR_H_

#include <cstddef>
#include <cstdint>

#include "absl/status/status.h"
#include "common/moments.h"
#include "common/unroll_layout.h"
#include "proto/trajectory.pb.h"

namespace drover {

// Checks what actors send, so that nothing behind it need look again.
// Stateless after construction: any thread.
class UnrollValidator {
 public:
  // `actions`: how many discrete ones (int32) there are; 0: they are continuous.
  // `max_state_bytes`: of an actor's state in lockstep; 0: no lockstep. `moments`: that messages
  // have.
  UnrollValidator(UnrollLayout layout, int32_t actions, size_t max_state_bytes = 0,
                  const MomentsSizes& moments = {});

  // INVALID_ARGUMENT, with what is wrong, unless `message` is well formed for
  // `unrolls` columns: a column of the right size for each leaf; ends 0, 1 or
  // 2; finals exactly where an episode was truncated, by step, then
  // environment; an episode for each end; versions ascending from step 0;
  // discrete actions in range; in lockstep a state, and `newest_version` acted
  // throughout, else no state; the moments that common/moments.h wants.
  // ABORTED if a version above `newest_version` acted: since versions never go
  // back, the weights are from a learner that took the place of this one.
  absl::Status CheckForm(const Unrolls& message, int64_t unrolls, uint64_t newest_version) const;

  // INVALID_ARGUMENT, with where, if a number of a well-formed message is NaN or infinite.
  absl::Status CheckFinite(const Unrolls& message) const;

  // The part of CheckForm that says whether there is a column of the right size for each leaf.
  absl::Status CheckColumns(const Unrolls& message, size_t unrolls) const;

  const UnrollLayout& layout() const { return layout_; }

 private:
  absl::Status CheckEnds(const Unrolls& message, size_t unrolls) const;
  absl::Status CheckVersions(const Unrolls& message, uint64_t newest_version) const;
  absl::Status CheckLockstep(const Unrolls& message, uint64_t newest_version) const;
  absl::Status CheckActions(const Unrolls& message) const;

  const UnrollLayout layout_;
  const int32_t actions_;
  const size_t max_state_bytes_;
  const MomentsSizes moments_;
};

}  // namespace drover

#endif  // DROVER_COMMON_UNROLL_VALIDATOR_H_
