#ifndef DROVER_ACTOR_LOCKSTEP_H_
#define DROVER_ACTOR_LOCKSTEP_H_

#include <cstdint>
#include <string>

#include "actor/policy.h"
#include "actor/stream_transport.h"
#include "actor/transport.h"
#include "actor/unroll_builder.h"
#include "actor/unroll_recorder.h"
#include "env/vector_environment.h"

namespace drover {

// What acts and sends in lockstep (proto/trajectory.proto), so that what an
// actor sends is a function of the run's config, whatever dies meanwhile. It
// stands before policy and transport, and is both to the actor loop:
//
//   - the version that the credits name acts, and no other until the next;
//   - an unroll takes along the state that environments and policy then have;
//   - on a new connection, and after a lost unroll, these go back to the state
//     that the learner has, or to where they were at first if it has none.
class Lockstep final : public Policy, public Transport {
 public:
  // All outlive it; of the same E, and `transport` of `policy`. `recorder`: where the run
  // normalises, else null.
  Lockstep(VectorEnvironment* environments, Policy* policy, StreamTransport* transport,
           UnrollBuilder* builder, UnrollRecorder* recorder)
      : environments_(environments),
        policy_(policy),
        transport_(transport),
        builder_(builder),
        recorder_(recorder) {}

  uint64_t Refresh() override { return transport_->version(); }
  void Act(const float* observation, const ActionRow& action, float* log_prob) override {
    policy_->Act(observation, action, log_prob);
  }
  const float* state() const override { return policy_->state(); }
  void Forget(int environment) override { policy_->Forget(environment); }
  void SaveOrRestore(Archive* archive) override { policy_->SaveOrRestore(archive); }

  // INVALID_ARGUMENT: what the learner has is no state of such an actor.
  absl::Status AcquireCredits(Time deadline) override;
  absl::Status Send(Unrolls* unrolls) override;
  bool over() const override { return transport_->over(); }

 private:
  std::string Save(const float* observation);
  absl::Status GoTo(const std::string& state);
  void Exchange(Archive* archive, float* observation);

  VectorEnvironment* const environments_;
  Policy* const policy_;
  StreamTransport* const transport_;
  UnrollBuilder* const builder_;
  UnrollRecorder* const recorder_;

  std::string start_;          // the state before the first unroll; empty: not saved yet
  uint64_t synchronized_ = 0;  // the connection whose learner has what was done last
};

}  // namespace drover

#endif  // DROVER_ACTOR_LOCKSTEP_H_
