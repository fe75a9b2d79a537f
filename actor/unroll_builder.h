#ifndef DROVER_ACTOR_UNROLL_BUILDER_H_
#define DROVER_ACTOR_UNROLL_BUILDER_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "actor/policy.h"
#include "env/spec.h"
#include "env/vector_environment.h"
#include "proto/spec.pb.h"
#include "proto/trajectory.pb.h"

namespace drover {

// Builds the unrolls of E environments in place: policy and environments write
// their rows straight into the message that is sent.
//
//   environments.Reset(builder.observation(0));
//   while (…) {
//     builder.Begin();
//     builder.SetState(what the policy remembers);
//     for (t = 0 … T-1) {
//       builder.SetVersion(t, version of the weights that act);
//       // from observation(t): action(t), log_prob(t), then observation(t + 1), reward(t), end(t)
//       builder.AddFinished(t, environments.finished());
//     }
//     send builder.unrolls();
//   }
//
// Invariant: row T of an unroll is row 0 of the next, so each step is in one
// unroll, once, whether or not the message was sent. One message and its
// memory serve all unrolls. One thread.
class UnrollBuilder {
 public:
  // INVALID_ARGUMENT unless the leaves of `spec` are those that MakeSpec (agent/spec.h) makes for
  // this environment and a model whose memory has `state_elements` numbers, in any order.
  static absl::StatusOr<UnrollBuilder> Make(const Spec& spec, const EnvironmentSpec& environment,
                                            int64_t environments, int64_t state_elements = 0);

  int64_t steps() const { return steps_; }                // T
  int64_t environments() const { return environments_; }  // E
  int64_t observation_elements() const {                  // O
    return static_cast<int64_t>(final_observation_.row_bytes / sizeof(float));
  }

  // Starts the next unroll, at the observation where the last one stopped, and
  // stamps it with the time now.
  void Begin();

  // Rows of the columns; valid until the builder ends. t: 0 … T-1, of observation 0 … T.
  float* observation(int64_t t) { return Row<float>(observation_, t); }  // [E, O]
  ActionRow action(int64_t t);                                           // [E] or [E, D]
  float* log_prob(int64_t t) { return Row<float>(log_prob_, t); }        // [E]
  float* reward(int64_t t) { return Row<float>(reward_, t); }            // [E]
  uint8_t* end(int64_t t) { return Row<uint8_t>(end_, t); }              // [E], an End

  // The next unroll starts at `observation` [E, O] instead.
  void StartFrom(const float* observation);

  // What the policy remembers at the first step, [E, S]; null: it has no memory.
  void SetState(const float* state);

  // The version that acts at step t. Call it for each step, in order.
  void SetVersion(int64_t t, uint64_t version);

  // What step t ended: episodes, and the final observations of those truncated.
  void AddFinished(int64_t t, absl::Span<const FinishedEpisode> finished);

  // Complete once step T-1 is. The receiver may swap it out and back, or set its sequence.
  Unrolls* unrolls() { return &unrolls_; }

 private:
  // A leaf's column in the message: rows of `row_bytes`.
  struct Column {
    int index = -1;
    size_t row_bytes = 0;
  };

  UnrollBuilder(int64_t steps, int64_t environments, bool discrete)
      : steps_(steps), environments_(environments), discrete_(discrete) {}

  absl::Status AddColumn(int index, const Leaf& leaf, const EnvironmentSpec& environment,
                         int64_t state_elements);

  template <typename T>
  T* Row(const Column& column, int64_t t) {
    return reinterpret_cast<T*>(&(*unrolls_.mutable_columns(column.index))[0] +
                                static_cast<size_t>(t) * column.row_bytes);
  }

  int64_t steps_;
  int64_t environments_;
  bool discrete_;
  Column observation_;
  Column action_;
  Column log_prob_;
  Column reward_;
  Column end_;
  Column state_;              // row_bytes: of all E values
  Column final_observation_;  // row_bytes: of one value
  Unrolls unrolls_;
};

}  // namespace drover

#endif  // DROVER_ACTOR_UNROLL_BUILDER_H_
