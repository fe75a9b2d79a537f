#ifndef DROVER_ACTOR_ACTOR_LOOP_H_
#define DROVER_ACTOR_ACTOR_LOOP_H_

#include <atomic>
#include <cstdint>
#include <functional>

#include "absl/status/status.h"
#include "actor/policy.h"
#include "actor/transport.h"
#include "actor/unroll_builder.h"
#include "actor/unroll_recorder.h"
#include "common/tally.h"
#include "env/vector_environment.h"

namespace drover {

// What an actor has done since its start. The loop writes, any thread reads.
struct ActorProgress {
  std::atomic<uint64_t> steps{0};     // environment steps
  std::atomic<uint64_t> episodes{0};  // ended
  std::atomic<uint64_t> unrolls{0};   // messages made
  std::atomic<uint64_t> version{0};   // it acts with
  // Seconds of the loop's thread, by what it did; they add up to all of its time.
  std::atomic<double> environment{0};     // stepping, and noting what ended
  std::atomic<double> inference{0};       // new weights and actions
  std::atomic<double> encode{0};          // beginning and sending unrolls
  std::atomic<double> wait{0};            // for credits
  Tally unroll_seconds{SecondsBounds()};  // from its first step until it is sent
};

// Acts: acquires credits for an unroll, steps its environments T times with
// newest weights at each step, sends the unroll, and so on until the transport
// wants no more or `stop` says so. One thread.
class ActorLoop {
 public:
  // All outlive the loop; `builder`, `environments` and `policy` are of the
  // same E. `policy` can act: it has weights. `stop` is asked at each step.
  // `whole_episodes`: each unroll starts with new ones. `recorder`: where the run normalises.
  ActorLoop(VectorEnvironment* environments, Policy* policy, Transport* transport,
            UnrollBuilder* builder, std::function<bool()> stop, bool whole_episodes = false,
            UnrollRecorder* recorder = nullptr);

  // Resets the environments and acts to the end. OK: the transport or `stop`
  // ended it; else the transport's error.
  absl::Status Run();

  const ActorProgress& progress() const { return progress_; }

 private:
  bool Over() const { return transport_->over() || stop_(); }
  void Reset();
  absl::Status WaitForCredits();
  bool ActUnroll();  // false: over in the midst of it
  void Step(int64_t t);
  void Spent(std::atomic<double>* part);  // the time since the last call went there

  VectorEnvironment* const environments_;
  Policy* const policy_;
  Transport* const transport_;
  UnrollBuilder* const builder_;
  const std::function<bool()> stop_;
  const bool whole_episodes_;
  UnrollRecorder* const recorder_;
  ActorProgress progress_;
  double now_ = 0;  // MonotonicSeconds() up to which time is accounted for
};

}  // namespace drover

#endif  // DROVER_ACTOR_ACTOR_LOOP_H_
