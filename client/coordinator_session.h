#ifndef DROVER_CLIENT_COORDINATOR_SESSION_H_
#define DROVER_CLIENT_COORDINATOR_SESSION_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/identity.h"
#include "client/pulse.h"
#include "client/reconnector.h"
#include "common/mutex.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {

// One process's membership in a run: registers, renews the lease with a report
// each second, and keeps the newest member table.
//
// While the coordinator is down the last table holds and the session keeps
// trying. When it was fenced (its lease ran out, as after a SIGSTOP) it
// registers again, with a new epoch: streams ask identity() each time they
// connect. It ends for good, with status() saying why, when the run has ended,
// another process has taken this role and index, or the coordinator serves
// another run.
//
// Thread-safe. Its callbacks run on its own threads, hold none of its locks,
// and are not called after Leave() or the destructor, which they must not call.
class CoordinatorSession {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    std::string coordinator;  // "host:port" or "unix:/path"
    Role::Kind role = Role::unspecified;
    uint32_t index = 0;
    Endpoint endpoint;                                  // what this process serves; empty: nothing
    std::chrono::milliseconds register_timeout{60000};  // to reach the coordinator at first
    std::chrono::milliseconds call_deadline{2000};      // of each unary call
    PulseLimits limits;
    // Tells the owner: each new member table, in the coordinator's order, and
    // the end for good (status() is not OK any more). May be empty.
    std::function<void(const MemberTable&)> on_table;
    std::function<void(const absl::Status&)> on_over;
    // Asked while it tries to register for the first time: true gives up with CANCELLED.
    std::function<bool()> give_up;
  };

  // Registers, trying until register_timeout while the coordinator cannot be
  // reached, and starts renewing. Errors: the coordinator's own, DEADLINE_EXCEEDED,
  // UNIMPLEMENTED if the coordinator speaks another protocol version.
  static absl::StatusOr<std::unique_ptr<CoordinatorSession>> Register(Options options);

  ~CoordinatorSession();  // stops without a word: the lease runs out
  CoordinatorSession(const CoordinatorSession&) = delete;
  CoordinatorSession& operator=(const CoordinatorSession&) = delete;

  // What the coordinator said at the first registration: experiment, spec and
  // run directory stay the same for the run; for ids and epoch ask identity().
  const RegisterReply& run() const { return run_; }

  Identity identity() const DROVER_EXCLUDES(mutex_);
  absl::Status status() const DROVER_EXCLUDES(mutex_);  // OK as long as it lives
  MemberTable table() const DROVER_EXCLUDES(mutex_);    // empty before the first
  RunState::Kind state() const DROVER_EXCLUDES(mutex_);

  // What renewals carry from now on; an empty report before. An EvaluatorReport
  // holds points "since the last": `sent` is called when a report has arrived.
  void SetReport(std::function<Report()> report, std::function<void()> sent = nullptr)
      DROVER_EXCLUDES(mutex_, report_mutex_);

  // Waits for a live member of `role`. UNAVAILABLE: none within `timeout`; else status().
  absl::StatusOr<Endpoint> WaitForPeer(Role::Kind role, std::chrono::milliseconds timeout) const
      DROVER_EXCLUDES(mutex_);

  // Waits until the table's state is draining or ended, or the session is over; false: not
  // within `timeout`.
  bool WaitForDrain(std::chrono::milliseconds timeout) const DROVER_EXCLUDES(mutex_);

  // Ends the session and says goodbye with the last report, trying again for
  // `timeout` while the coordinator cannot be reached. Once.
  absl::Status Leave(const Report& last, std::chrono::milliseconds timeout)
      DROVER_EXCLUDES(mutex_, report_mutex_);

 private:
  explicit CoordinatorSession(Options options);

  absl::Status RegisterFirst();
  absl::Status RegisterAgain() DROVER_EXCLUDES(mutex_);
  absl::StatusOr<RegisterReply> CallRegister();
  void Adopt(const RegisterReply& reply) DROVER_EXCLUDES(mutex_);
  void StartThreads();
  void StopThreads() DROVER_EXCLUDES(mutex_);

  void RenewLoop() DROVER_EXCLUDES(mutex_, report_mutex_);
  absl::Status Renew() DROVER_EXCLUDES(mutex_, report_mutex_);
  absl::Status Watch(const std::function<void()>& works) DROVER_EXCLUDES(mutex_);
  void SetTable(const MemberTable& table) DROVER_EXCLUDES(mutex_);
  void End(const absl::Status& status) DROVER_EXCLUDES(mutex_);
  bool Sleep(std::chrono::milliseconds time) DROVER_EXCLUDES(mutex_);  // false: it is over

  const Options options_;
  const std::unique_ptr<Coordinator::Stub> stub_;
  RegisterReply run_;  // written before the threads start

  mutable Mutex mutex_;
  mutable CondVar changed_;
  Identity identity_ DROVER_GUARDED_BY(mutex_);
  MemberTable table_ DROVER_GUARDED_BY(mutex_);
  absl::Status status_ DROVER_GUARDED_BY(mutex_);  // not OK: it ended, or was ended
  grpc::ClientContext* watch_ DROVER_GUARDED_BY(mutex_) = nullptr;  // of the open stream

  Mutex report_mutex_;  // held while a callback runs, so that it can be taken away
  std::function<Report()> report_ DROVER_GUARDED_BY(report_mutex_);
  std::function<void()> sent_ DROVER_GUARDED_BY(report_mutex_);

  std::unique_ptr<Reconnector> watching_;
  std::thread renewing_;
};

}  // namespace drover

#endif  // DROVER_CLIENT_COORDINATOR_SESSION_H_
