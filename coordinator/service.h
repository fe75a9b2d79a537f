#ifndef DROVER_COORDINATOR_SERVICE_H_
#define DROVER_COORDINATOR_SERVICE_H_

#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "coordinator/summary.h"
#include "coordinator/training_run.h"
#include "coordinator/watchers.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {

// A TrainingRun behind gRPC: proto/coordinator.proto says what each call does. Handlers run on
// gRPC's threads, do no I/O and never block. The owner's loop calls Tick, and writes the files but
// one: what the next coordinator must know is saved on a thread of the service, and nobody is told
// before it is; answers and member tables wait for that. Where it cannot be saved (disk full), an
// alarm says so, and the run goes on.
//
// Thread-safe. Must outlive its server.
class CoordinatorService final : public Coordinator::CallbackService {
 public:
  // Makes what it is given durable; may block.
  using Save = std::function<absl::Status(const RunMemory&)>;

  // `save` may be empty: nothing is kept, and all is told at once.
  explicit CoordinatorService(TrainingRun::Options options, Save save = nullptr);
  ~CoordinatorService() override;
  CoordinatorService(const CoordinatorService&) = delete;
  CoordinatorService& operator=(const CoordinatorService&) = delete;

  // Call every 100 ms: expires leases, and sends the table to those who watch it when it changed,
  // every 2 s in any case.
  void Tick() DROVER_EXCLUDES(mutex_);

  // Where people see the run: StatusReply.dashboard.
  void SetDashboard(const std::string& url) DROVER_EXCLUDES(mutex_);

  // An event that others saw: a peer that was refused before its call came here, ….
  void Note(Event::Kind kind, const std::string& text) DROVER_EXCLUDES(mutex_);

  // How many events of each kind there were.
  std::map<Event::Kind, uint64_t> EventCounts() const DROVER_EXCLUDES(mutex_);

  // Drains and ends the run, as the Stop call does.
  void StopRun(const StopRequest& request) DROVER_EXCLUDES(mutex_);

  // How the run stands, as the Status call says it.
  StatusReply CurrentStatus() const DROVER_EXCLUDES(mutex_);

  // The learner has reported since this coordinator started: CurrentStatus is not that of one
  // before it.
  bool HeardOfLearner() const DROVER_EXCLUDES(mutex_);

  // Evaluators' points that are not yet written, and that the first `count` of them are.
  std::vector<EvaluationPoint> Points() const DROVER_EXCLUDES(mutex_);
  void PointsWritten(size_t count) DROVER_EXCLUDES(mutex_);

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
  grpc::ServerUnaryReactor* Scale(grpc::CallbackServerContext* context, const ScaleRequest* request,
                                  ScaleReply* reply) override;

 private:
  using Clock = std::chrono::steady_clock;

  // An answer that waits for what it says to be saved.
  struct Parked {
    grpc::ServerUnaryReactor* reactor;
    absl::Status status;
  };

  grpc::ServerUnaryReactor* Answer(grpc::CallbackServerContext* context, const absl::Status& status)
      DROVER_REQUIRES(mutex_);
  void SaveLoop() DROVER_EXCLUDES(mutex_);
  // Waits until there is something to save; false: nothing will come any more.
  bool AwaitChange() DROVER_REQUIRES(mutex_);
  void NoteSaved(const RunMemory& memory, const absl::Status& saved) DROVER_REQUIRES(mutex_);
  // What has changed is to be saved, and told.
  void Changed() DROVER_REQUIRES(mutex_);
  void Tell(const MemberTable& table) DROVER_REQUIRES(mutex_);
  // Sends table_ to the watchers.
  void Publish(bool heartbeat) DROVER_REQUIRES(mutex_);

  const Save save_;
  Watchers watchers_;  // its lock is taken after mutex_
  mutable Mutex mutex_;
  CondVar changed_;
  TrainingRun run_ DROVER_GUARDED_BY(mutex_);
  MemberTable table_ DROVER_GUARDED_BY(mutex_);  // the newest that is saved
  Clock::time_point heartbeat_at_ DROVER_GUARDED_BY(mutex_);
  uint64_t saved_changes_ DROVER_GUARDED_BY(mutex_);
  Clock::time_point save_again_ DROVER_GUARDED_BY(mutex_) = Clock::time_point::max();
  std::vector<Parked> parked_ DROVER_GUARDED_BY(mutex_);
  std::string dashboard_ DROVER_GUARDED_BY(mutex_);
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
  std::thread saving_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_SERVICE_H_
