#ifndef DROVER_COORDINATOR_WATCHERS_H_
#define DROVER_COORDINATOR_WATCHERS_H_

#include <grpcpp/support/server_callback.h>

#include <functional>
#include <map>
#include <memory>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "proto/coordinator.pb.h"

namespace drover {

// The open WatchMembers streams: each gets the newest member table, and a slow one skips those
// between. A member has one stream; a newer one closes the older.
//
// Thread-safe; never blocks. Must outlive its server.
class Watchers {
 public:
  using Check = std::function<absl::Status(const WatchRequest&)>;

  // A new stream, which sends `table` at once. gRPC owns what comes back.
  grpc::ServerWriteReactor<MemberTable>* Open(const WatchRequest& request, const MemberTable& table)
      DROVER_EXCLUDES(mutex_);

  // Sends `table` to every stream, unchanged as a heartbeat too. A stream whose member `check`
  // refuses is closed with that status instead.
  void Publish(const MemberTable& table, const Check& check) DROVER_EXCLUDES(mutex_);

 private:
  class Stream;

  void Unlist(const Stream* stream) DROVER_EXCLUDES(mutex_);

  Mutex mutex_;
  std::map<uint64_t, Stream*> streams_ DROVER_GUARDED_BY(mutex_);  // open ones, by member
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_WATCHERS_H_
