#ifndef DROVER_CLIENT_COORDINATOR_SESSION_H_
#define DROVER_CLIENT_COORDINATOR_SESSION_H_

#include <grpcpp/client_context.h>

#include <chrono>
#include <functional>
#include <memory>
#include <thread>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/identity.h"
#include "client/pulse.h"
#include "client/reconnector.h"
#include "client/registration.h"
#include "client/run_view.h"
#include "common/mutex.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {

// One process's membership in a run: registers, renews the lease with a report
// each third of it, a second in most runs, and keeps the newest member table.
//
// While the coordinator is down the last table holds and the session keeps
// trying. When it was fenced (its lease ran out, as after a SIGSTOP) it
// registers again, with a new epoch: streams ask identity() each time they
// connect. It ends for good, with status() saying why, when the run has ended,
// another process has taken this role and index, or the coordinator serves
// another run.
//
// Thread-safe. Its callbacks run on its own threads and are not called after
// Leave() or the destructor; they must call neither of these, nor SetReport.
class CoordinatorSession {
 public:
  struct Options : Registration::Options {
    std::chrono::milliseconds register_timeout{60000};  // to reach the coordinator at first
    PulseLimits limits;
    // Tells the owner: each new member table, in the coordinator's order, and
    // the end for good (status() is not OK any more). May be empty.
    std::function<void(const MemberTable&)> on_table;
    std::function<void(const absl::Status&)> on_over;
    // Asked while it tries to register for the first time: true gives up with CANCELLED.
    std::function<bool()> give_up;
  };

  // Gets a place in the run and starts to keep it; errors as Registration::Register.
  static absl::StatusOr<std::unique_ptr<CoordinatorSession>> Register(Options options);

  ~CoordinatorSession();  // stops without a word: the lease runs out
  CoordinatorSession(const CoordinatorSession&) = delete;
  CoordinatorSession& operator=(const CoordinatorSession&) = delete;

  // What the coordinator said at the first registration: experiment, spec and
  // run directory stay the same for the run; for ids and epoch ask identity().
  const RegisterReply& run() const { return registration_.run(); }

  Identity identity() const { return registration_.identity(); }
  absl::Status status() const { return view_.status(); }  // OK as long as it lives
  MemberTable table() const { return view_.table(); }     // empty before the first
  RunState::Kind state() const { return view_.table().state(); }

  // What renewals carry from now on; an empty report before. An EvaluatorReport
  // holds points "since the last": `sent` is called when a report has arrived.
  // When it returns, the functions of before are not called any more.
  void SetReport(std::function<Report()> report, std::function<void()> sent = nullptr)
      DROVER_EXCLUDES(report_mutex_);

  // Has the lease renewed now: what the report says is urgent.
  void ReportNow() { view_.Wake(); }

  // As RunView's.
  absl::StatusOr<Endpoint> WaitForPeer(Role::Kind role, uint32_t index,
                                       std::chrono::milliseconds timeout) const {
    return view_.WaitForPeer(role, index, timeout);
  }
  bool WaitForDrain(std::chrono::milliseconds timeout) const { return view_.WaitForDrain(timeout); }

  // Ends the session and says goodbye with the last report, trying again for
  // `timeout` while the coordinator cannot be reached. Once.
  absl::Status Leave(const Report& last, std::chrono::milliseconds timeout)
      DROVER_EXCLUDES(watch_mutex_);

 private:
  explicit CoordinatorSession(Options options);

  void StartThreads();
  void StopThreads() DROVER_EXCLUDES(watch_mutex_);
  void End(const absl::Status& status) DROVER_EXCLUDES(watch_mutex_);
  void CancelWatch() DROVER_EXCLUDES(watch_mutex_);

  void RenewLoop() DROVER_EXCLUDES(report_mutex_);
  absl::Status Renew() DROVER_EXCLUDES(report_mutex_);
  absl::Status Watch(const std::function<void()>& works) DROVER_EXCLUDES(watch_mutex_);
  void SetTable(const MemberTable& table);

  const Options options_;
  Registration registration_;  // called by Register(), then by renewing_, then by Leave()
  RunView view_;

  Mutex watch_mutex_;
  grpc::ClientContext* watch_ DROVER_GUARDED_BY(watch_mutex_) = nullptr;  // of the open stream

  Mutex report_mutex_;  // held while a callback runs, so that it can be taken away
  std::function<Report()> report_ DROVER_GUARDED_BY(report_mutex_);
  std::function<void()> sent_ DROVER_GUARDED_BY(report_mutex_);

  std::unique_ptr<Reconnector> watching_;
  std::thread renewing_;
};

}  // namespace drover

#endif  // DROVER_CLIENT_COORDINATOR_SESSION_H_
