#ifndef DROVER_ACTOR_LOCKSTEP_H_
#define DROVER_ACTOR_LOCKSTEP_H_

#include <cstdint>
#include <functional>
#include <string>

#include "actor/policy.h"
#include "actor/transport.h"
#include "actor/unroll_builder.h"
#include "client/trajectory_stream.h"
#include "env/vector_environment.h"

namespace drover {

// What acts and sends in lockstep (proto/trajectory.proto), so that what an
// actor sends is a function of the run's config, whatever dies meanwhile. It
// stands before policy and stream, and is both to the actor loop:
//
//   - credits name the version that must act: it waits for that one and takes
//     no other until the next credits;
//   - an unroll takes along the state that environments and policy then have;
//   - on a new connection, and after a lost unroll, these go back to the state
//     that the learner has, or to where they were at first if it has none.
class Lockstep final : public Policy, public Transport {
 public:
  // All outlive it; of the same E. `wait` waits a little for newer weights.
  Lockstep(VectorEnvironment* environments, Policy* policy, TrajectoryStream* stream,
           UnrollBuilder* builder, std::function<void()> wait);

  uint64_t Refresh() override { return version_; }
  void Act(const float* observation, const ActionRow& action, float* log_prob) override {
    policy_->Act(observation, action, log_prob);
  }
  void SaveOrRestore(Archive* archive) override { policy_->SaveOrRestore(archive); }

  // INVALID_ARGUMENT: what the learner has is no state of such an actor.
  absl::Status AcquireCredits(Time deadline) override;
  absl::Status Send(Unrolls* unrolls) override;
  bool over() const override { return stream_->over(); }

 private:
  std::string Save(const float* observation);
  absl::Status GoTo(const std::string& state);
  void Exchange(Archive* archive, float* observation);

  VectorEnvironment* const environments_;
  Policy* const policy_;
  TrajectoryStream* const stream_;
  UnrollBuilder* const builder_;
  const std::function<void()> wait_;

  std::string start_;              // the state before the first unroll; empty: not saved yet
  TrajectoryStream::Terms terms_;  // of the credits acquired last
  bool held_ = false;              // they were acquired, but the loop does not know yet
  uint64_t synchronized_ = 0;      // the connection whose learner has what was done last
  uint64_t version_ = 0;           // acts
};

}  // namespace drover

#endif  // DROVER_ACTOR_LOCKSTEP_H_
