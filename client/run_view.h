#ifndef DROVER_CLIENT_RUN_VIEW_H_
#define DROVER_CLIENT_RUN_VIEW_H_

#include <chrono>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "proto/coordinator.pb.h"

namespace drover {

// What a process knows of its run: the newest member table, and whether its
// session with the coordinator is over. Thread-safe; who waits is woken by both.
class RunView {
 public:
  using Clock = std::chrono::steady_clock;

  // False: the table says nothing new, as when it is repeated as a heartbeat.
  bool SetTable(const MemberTable& table) DROVER_EXCLUDES(mutex_);
  // The session is over, for this reason; not OK. False: it was already.
  bool End(const absl::Status& status) DROVER_EXCLUDES(mutex_);

  MemberTable table() const DROVER_EXCLUDES(mutex_);    // empty before the first
  absl::Status status() const DROVER_EXCLUDES(mutex_);  // OK: the session lives

  // Waits for a live member of `role` and `index` that serves something; its
  // address. UNAVAILABLE: none within `timeout`; else status().
  absl::StatusOr<Endpoint> WaitForPeer(Role::Kind role, uint32_t index,
                                       std::chrono::milliseconds timeout) const
      DROVER_EXCLUDES(mutex_);

  // Waits until the table says that the run drains or has ended, or the
  // session is over; false: not within `timeout`.
  bool WaitForDrain(std::chrono::milliseconds timeout) const DROVER_EXCLUDES(mutex_);

  // Lets `time` pass, or less where Wake() is called, also if it was before; false, and at once:
  // the session is over. One thread.
  bool Sleep(std::chrono::milliseconds time) DROVER_EXCLUDES(mutex_);
  void Wake() DROVER_EXCLUDES(mutex_);

 private:
  mutable Mutex mutex_;
  mutable CondVar changed_;
  MemberTable table_ DROVER_GUARDED_BY(mutex_);
  absl::Status status_ DROVER_GUARDED_BY(mutex_);
  bool woken_ DROVER_GUARDED_BY(mutex_) = false;
};

}  // namespace drover

#endif  // DROVER_CLIENT_RUN_VIEW_H_
