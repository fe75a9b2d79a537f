#ifndef DROVER_REPLAY_REPLAY_SERVICES_H_
#define DROVER_REPLAY_REPLAY_SERVICES_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/peer_stream.h"
#include "common/rpc/server.h"
#include "common/tally.h"
#include "proto/replay.pb.h"
#include "replay/insert_service.h"
#include "replay/sample_service.h"
#include "replay/store.h"

namespace drover {

// All that a replay server serves (proto/replay.proto), with a thread that
// makes time go on and serves those whom a rate limiter held back. It refuses
// everything with UNAVAILABLE until it is opened, so a process can serve before
// it knows its run. Thread-safe.
class ReplayServices {
 public:
  // Makes a checkpoint, without waiting, and then calls `done`, from any thread.
  using Checkpointing =
      std::function<void(std::function<void(const absl::StatusOr<std::string>& path)> done)>;

  // Errors as RpcServer::Start.
  static absl::StatusOr<std::unique_ptr<ReplayServices>> Start(const ServerOptions& options,
                                                               const StreamLimits& limits = {});
  // Close(0), and waits until gRPC has let go of all connections: up to 10 s, where a write had
  // to wait for its peer.
  ~ReplayServices();
  ReplayServices(const ReplayServices&) = delete;
  ReplayServices& operator=(const ReplayServices&) = delete;

  const std::vector<std::string>& addresses() const { return server_->addresses(); }

  // Once. `store` outlives it. `checkpointing` may be empty: there are none.
  void Open(Store* store, uint64_t spec_hash, Checkpointing checkpointing) DROVER_EXCLUDES(mutex_);

  // Admits and fences by this table from now on.
  void SetTable(const MemberTable& table) DROVER_EXCLUDES(mutex_);

  // What Info says, but for the checkpoint.
  InfoReply info() const DROVER_EXCLUDES(mutex_);

  // How long inserts and samples took.
  const Tally& insert_seconds() const { return inserts_.seconds(); }
  const Tally& sample_seconds() const { return samples_.seconds(); }

  // Gives peers `grace` to end their streams, then ends them, and takes no more: the store changes
  // no further by streams.
  void Close(std::chrono::milliseconds grace);

 private:
  class Service;

  explicit ReplayServices(const StreamLimits& limits);

  // What the unary calls answer.
  absl::Status Update(const UpdateRequest& request, UpdateReply* reply) DROVER_EXCLUDES(mutex_);
  absl::Status Configure(const ConfigureRequest& request) DROVER_EXCLUDES(mutex_);
  absl::StatusOr<Store*> OpenStore() const DROVER_EXCLUDES(mutex_);
  absl::Status CheckCaller(const UpdateRequest& request) const;
  grpc::Status Answer(const absl::Status& status) DROVER_EXCLUDES(mutex_);

  void Woken(std::set<uint64_t>* streams, uint64_t id) DROVER_EXCLUDES(mutex_);
  void Run() DROVER_EXCLUDES(mutex_);

  Admission writers_{{Role::actor}};
  Admission learners_{{Role::learner}};
  InsertService inserts_;
  SampleService samples_;
  std::unique_ptr<Service> service_;
  std::unique_ptr<RpcServer> server_;

  mutable Mutex mutex_;  // held while nothing else is called
  CondVar changed_;
  Store* store_ DROVER_GUARDED_BY(mutex_) = nullptr;  // once open
  Checkpointing checkpointing_ DROVER_GUARDED_BY(mutex_);
  std::set<uint64_t> woken_inserts_ DROVER_GUARDED_BY(mutex_);  // streams to try again
  std::set<uint64_t> woken_samples_ DROVER_GUARDED_BY(mutex_);
  uint64_t refused_calls_ DROVER_GUARDED_BY(mutex_) = 0;
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
  std::thread running_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_REPLAY_REPLAY_SERVICES_H_
