#ifndef DROVER_COORDINATOR_SERVICE_H_
#define DROVER_COORDINATOR_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <vector>

#include "common/mutex.h"
#include "coordinator/summary.h"
#include "coordinator/training_run.h"
#include "coordinator/watchers.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {

// A TrainingRun behind gRPC: proto/coordinator.proto says what each call does. Handlers run on
// gRPC's threads, do no I/O and never block. The owner's loop calls Tick, and writes the files.
//
// Thread-safe. Must outlive its server.
class CoordinatorService final : public Coordinator::CallbackService {
 public:
  explicit CoordinatorService(TrainingRun::Options options);

  // Call every 100 ms: expires leases, and sends the table to those who watch it when it changed,
  // every 2 s in any case.
  void Tick() DROVER_EXCLUDES(mutex_);

  // Drains and ends the run, as the Stop call does.
  void StopRun(const StopRequest& request) DROVER_EXCLUDES(mutex_);

  // How the run stands, as the Status call says it.
  StatusReply CurrentStatus() const DROVER_EXCLUDES(mutex_);

  // Evaluators' points since the last call.
  std::vector<EvaluationPoint> TakePoints() DROVER_EXCLUDES(mutex_);

  // The learner has said its last: the summary is due, then SummaryWritten(), which makes the
  // state `ended` for all.
  bool Finished() const DROVER_EXCLUDES(mutex_);
  Outcome CurrentOutcome() const DROVER_EXCLUDES(mutex_);
  void SummaryWritten() DROVER_EXCLUDES(mutex_);

  // Someone has not left yet.
  bool AnyMember() const DROVER_EXCLUDES(mutex_);

  grpc::ServerUnaryReactor* Register(grpc::CallbackServerContext* context,
                                     const RegisterRequest* request, RegisterReply* reply) override;
  grpc::ServerUnaryReactor* Renew(grpc::CallbackServerContext* context, const RenewRequest* request,
                                  RenewReply* reply) override;
  grpc::ServerWriteReactor<MemberTable>* WatchMembers(grpc::CallbackServerContext* context,
                                                      const WatchRequest* request) override;
  grpc::ServerUnaryReactor* Leave(grpc::CallbackServerContext* context, const LeaveRequest* request,
                                  LeaveReply* reply) override;
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context,
                                   const StatusRequest* request, StatusReply* reply) override;
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext* context, const StopRequest* request,
                                 StopReply* reply) override;

 private:
  using Clock = std::chrono::steady_clock;

  // Sends the table to the watchers if it is new, or `anyway`.
  void Publish(bool anyway) DROVER_REQUIRES(mutex_);

  Watchers watchers_;  // its lock is taken after mutex_
  mutable Mutex mutex_;
  TrainingRun run_ DROVER_GUARDED_BY(mutex_);
  uint64_t published_version_ DROVER_GUARDED_BY(mutex_) = 0;
  Clock::time_point published_at_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_SERVICE_H_
