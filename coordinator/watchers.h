#ifndef DROVER_COORDINATOR_WATCHERS_H_
#define DROVER_COORDINATOR_WATCHERS_H_

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "proto/coordinator.pb.h"

namespace drover {

// The open WatchMembers streams: each gets the newest member table, and a slow one skips those
// between. A member has one stream; a newer one closes the older.
//
// Actors and evaluators, of whom there are many, hear of those only who serve something, and only
// when that changes: who joins costs no more with a thousand of them than with ten.
//
// Thread-safe; never blocks. Must outlive its server.
class Watchers {
 public:
  using Check = std::function<absl::Status(const WatchRequest&)>;

  // A new stream, which sends `table` at once. gRPC owns what comes back.
  grpc::ServerWriteReactor<MemberTable>* Open(const WatchRequest& request, const MemberTable& table)
      DROVER_EXCLUDES(mutex_);

  // Sends `table` to every stream that it is news for, or as a `heartbeat` to all. A stream whose
  // member `check` refuses is closed with that status instead.
  void Publish(const MemberTable& table, const Check& check, bool heartbeat)
      DROVER_EXCLUDES(mutex_);

 private:
  class Stream;
  using Table = std::shared_ptr<const MemberTable>;

  void Unlist(const Stream* stream) DROVER_EXCLUDES(mutex_);

  Mutex mutex_;
  std::map<uint64_t, Stream*> streams_ DROVER_GUARDED_BY(mutex_);  // open ones, by member
  std::string servers_ DROVER_GUARDED_BY(mutex_);  // who served, in the last table that was sent
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_WATCHERS_H_
