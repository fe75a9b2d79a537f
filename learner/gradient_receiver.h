#ifndef DROVER_LEARNER_GRADIENT_RECEIVER_H_
#define DROVER_LEARNER_GRADIENT_RECEIVER_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/moments.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "learner/episode_statistics.h"
#include "learner/first_step.h"
#include "learner/intake.h"
#include "learner/push_validator.h"
#include "proto/gradients.grpc.pb.h"

namespace drover {

struct GradientOptions {
  PushValidator::Options form;
  int64_t environments = 0;  // E of every actor
  int64_t max_policy_lag = 0;
  uint64_t max_frames = 0;
};

struct GradientCounters {
  uint64_t frames = 0;      // environment steps of gradients received in their turn, this process's
                            // and the checkpoint's
  uint64_t applied = 0;     // gradients handed out
  uint64_t repeated = 0;    // that were received before
  uint64_t not_finite = 0;  // NaN or infinite
  uint64_t too_old = 0;     // older than max_policy_lag when their turn came
  uint64_t refused = 0;     // calls, for what the peer sent
  int64_t pending = 0;      // gradients whose turn is still to come
  uint64_t started_unix_micros = 0;  // the first step that arrived (learner/first_step.h); 0: none
  double seconds = 0;                // spent on gRPC's threads to parse, check and queue
};

// A gradient in its turn.
struct ReceivedGradient {
  std::string values;                        // P float32, all finite
  std::map<std::string, double> statistics;  // of its loss
  uint64_t lag = 0;                          // versions since the one it was computed at
  SeenMoments seen;                          // in its steps
};

// The learner's end of the gradient service (proto/gradients.proto says what may be sent and what
// is answered): admits actors, checks what comes, and hands gradients out one by one in the order
// of their arrival. A call is answered when its gradient is in the weights, or at once where there
// is nothing to apply. It counts each frame once, when the gradient's turn comes, and accepts none
// past max_frames; so what it counted and what was trained agree between two train steps.
//
// A service of callback reactors: handlers do not block. Next and Answer are of the learner's
// thread, all else is thread-safe. It outlives its gRPC server.
class GradientReceiver final
    : public GradientService::WithRawCallbackMethod_Push<GradientService::Service> {
 public:
  using Clock = std::chrono::steady_clock;

  // Refuses calls with UNAVAILABLE until it is open and has weights. `admission` outlives it.
  explicit GradientReceiver(const Admission* admission) : admission_(admission) {}
  ~GradientReceiver() override;

  // Once. `totals` are those of the checkpoint it goes on from. `episodes` outlives this.
  void Open(const GradientOptions& options, ReceivedTotals totals, EpisodeStatistics* episodes);

  // The newest weights [P] float32, after `trained_frames`. Ascending.
  void SetWeights(uint64_t version, uint64_t trained_frames, absl::string_view parameters);

  // The next gradient; none: not by the deadline, or, where finished(), never again.
  std::optional<ReceivedGradient> Next(Clock::time_point deadline);
  bool finished() const;
  // The last gradient is in the newest weights: its actor gets them.
  void Answer();

  // Accepts nothing any more, tells every actor so.
  void Drain();
  // Ends all calls; new ones are refused.
  void Close();

  // No further gradient fits into max_frames.
  bool budget_spent() const;
  // `meanwhile`, if not empty, is called while nothing is taken in: it must call nothing of this.
  ReceivedTotals totals(const std::function<void()>& meanwhile = nullptr) const;
  GradientCounters counters() const;

 private:
  // A call that is to be answered.
  struct Call {
    uint64_t member = 0;
    grpc::ServerUnaryReactor* reactor = nullptr;
    grpc::ByteBuffer* reply = nullptr;
  };
  struct Pending {
    Call call;
    std::unique_ptr<PushRequest> request;
  };
  using Verdict = PushReply::Verdict;

  grpc::ServerUnaryReactor* Push(grpc::CallbackServerContext* context,
                                 const grpc::ByteBuffer* request, grpc::ByteBuffer* reply) override;
  // What an actor sent. Errors are for the caller to answer, all else is answered or pending.
  absl::Status Handle(grpc::ByteBuffer bytes, Call call) DROVER_EXCLUDES(mutex_);
  absl::Status CheckReady() const DROVER_REQUIRES(mutex_);
  absl::Status Admit(const PushRequest& request) const DROVER_REQUIRES(mutex_);
  absl::Status CheckAgainstRun(const PushRequest& request) DROVER_REQUIRES(mutex_);
  void Take(std::unique_ptr<PushRequest> request, const absl::Status& finite, const Call& call)
      DROVER_REQUIRES(mutex_);
  void Enqueue(std::unique_ptr<PushRequest> request, const Call& call) DROVER_REQUIRES(mutex_);
  void DropPending(uint64_t member) DROVER_REQUIRES(mutex_);

  void CountSequence(const PushRequest& request) DROVER_REQUIRES(mutex_);
  void CountFrames(const PushRequest& request) DROVER_REQUIRES(mutex_);
  uint64_t LastSequence(uint64_t member) const DROVER_REQUIRES(mutex_);
  bool BudgetSpent() const DROVER_REQUIRES(mutex_);
  void Reply(const Call& call, Verdict::Kind verdict) DROVER_REQUIRES(mutex_);
  static void Fail(const Call& call, const absl::Status& status);
  void StopIntake() DROVER_REQUIRES(mutex_);

  const Admission* const admission_;

  // Set by Open(), before there is a call; then only read.
  GradientOptions options_;
  std::optional<PushValidator> validator_;
  EpisodeStatistics* episodes_ = nullptr;

  mutable Mutex mutex_;
  CondVar changed_;
  bool open_ DROVER_GUARDED_BY(mutex_) = false;
  bool stopped_ DROVER_GUARDED_BY(mutex_) = false;
  bool closed_ DROVER_GUARDED_BY(mutex_) = false;
  ReceivedTotals totals_ DROVER_GUARDED_BY(mutex_);
  std::list<Pending> pending_ DROVER_GUARDED_BY(mutex_);  // one a member, oldest first
  std::optional<Call> taken_ DROVER_GUARDED_BY(mutex_);   // of the gradient handed out last
  uint64_t version_ DROVER_GUARDED_BY(mutex_) = 0;        // of weights_; 0: none yet
  PushReply weights_message_ DROVER_GUARDED_BY(mutex_);   // keeps its memory
  grpc::ByteBuffer weights_ DROVER_GUARDED_BY(mutex_);    // encoded once, all replies share it
  std::set<std::string> statistics_ DROVER_GUARDED_BY(mutex_);  // names so far
  FirstStep first_step_ DROVER_GUARDED_BY(mutex_);
  GradientCounters counters_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_LEARNER_GRADIENT_RECEIVER_H_
