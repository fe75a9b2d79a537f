#ifndef DROVER_LEARNER_CHECKPOINT_STATE_H_
#define DROVER_LEARNER_CHECKPOINT_STATE_H_

#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "learner/episode_statistics.h"

namespace drover {

// What a learner must know to go on, besides its tensors: state.json of a
// checkpoint. Schedules are functions of trained_frames, and minibatches are
// drawn from seed and update, so neither has a state of its own.
struct CheckpointState {
  uint64_t version = 0;         // of these weights
  uint64_t epoch = 0;           // of the learner that wrote it
  uint64_t seed = 0;            // of the run
  uint64_t frames = 0;          // received
  uint64_t trained_frames = 0;  // that went into gradients
  uint64_t updates = 0;         // train steps
  double seconds = 0;           // since the first environment step, without pauses
  double lag_sum = 0;           // of the policy that acted, over trained_frames
  uint64_t lag_max = 0;
  uint64_t episodes = 0;  // that ever arrived, and the newest of them, oldest first
  std::deque<EpisodeStatistics::Episode> newest_episodes;
  std::map<uint64_t, uint64_t> last_sequence;    // highest received, by member
  uint64_t missing = 0;                          // of those numbers (learner/intake.h)
  std::map<uint64_t, std::string> actor_states;  // lockstep: after that, by member
  uint64_t replay_frames = 0;  // of `frames`, those that the replay servers knew of

  std::string ToJson() const;
  // INVALID_ARGUMENT, naming the field, for anything that ToJson does not write.
  static absl::StatusOr<CheckpointState> FromJson(absl::string_view text);
};

}  // namespace drover

#endif  // DROVER_LEARNER_CHECKPOINT_STATE_H_
