#ifndef DROVER_DEPLOY_COORDINATOR_CLIENT_H_
#define DROVER_DEPLOY_COORDINATOR_CLIENT_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {

// Asks a coordinator on behalf of a person or launcher. Calls block, at most 2 s; UNAVAILABLE: it
// is not there. Thread-safe.
class CoordinatorClient {
 public:
  // "unix:/path" or "host:port".
  explicit CoordinatorClient(const std::string& address);

  // Of the run in `run_dir`, as its address file says. UNAVAILABLE: it has none.
  static absl::StatusOr<CoordinatorClient> OfRun(const std::string& run_dir);

  absl::StatusOr<StatusReply> Status();

  // How many actors there should be from now on; returns how many there should have been.
  absl::StatusOr<uint32_t> Scale(uint32_t actors);

  // Drains and ends the run; `failed` as StopRequest.failed.
  absl::Status Stop(const std::string& reason, bool failed);

 private:
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<Coordinator::Stub> stub_;
};

}  // namespace drover

#endif  // DROVER_DEPLOY_COORDINATOR_CLIENT_H_
