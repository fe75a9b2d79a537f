#ifndef DROVER_COMMON_RPC_ADMISSION_H_
#define DROVER_COMMON_RPC_ADMISSION_H_

#include <chrono>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A peer, as it introduced itself in the first message of its stream.
struct Peer {
  std::string run_id;
  uint64_t member_id = 0;
  uint64_t epoch = 0;
  uint64_t table_version = 0;                        // of the member table that lists it
  std::chrono::steady_clock::time_point greeted_at;  // when that message came
  bool admitted = false;                             // it was let in, and still is
};

// Decides by the newest member table who may speak to this process. Thread-safe:
// the coordinator session updates it, the services ask it, again and again
// while a stream lives. While the coordinator is down the last table holds.
class Admission {
 public:
  // Peers of these roles only.
  explicit Admission(std::vector<Role::Kind> roles);

  // The newest table; the session hands them on in the coordinator's order.
  void Update(const MemberTable& table);

  // What to do with a peer. A peer that names a table which has not arrived
  // yet waits for it up to a second. Close with
  //   NOT_FOUND            the table does not list it, or not in one of the roles,
  //   FAILED_PRECONDITION  it names another run, or an epoch older than the table's.
  enum class Ruling { kLeave, kAdmit, kClose };
  struct Decision {
    Ruling ruling = Ruling::kLeave;  // as it is: admitted, or waiting
    absl::Status status;             // kClose: why
  };
  Decision Decide(const Peer& peer, std::chrono::steady_clock::time_point now) const;

  // The ids of those who live, in the roles that may come.
  std::set<uint64_t> Living() const;

 private:
  absl::Status Check(const Peer& peer) const DROVER_REQUIRES(mutex_);
  bool MayCome(const Member& member) const;

  const std::vector<Role::Kind> roles_;
  mutable Mutex mutex_;
  std::string run_id_ DROVER_GUARDED_BY(mutex_);
  uint64_t version_ DROVER_GUARDED_BY(mutex_) = 0;                // 0: no table yet
  std::map<uint64_t, Member> members_ DROVER_GUARDED_BY(mutex_);  // by member_id
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_ADMISSION_H_
