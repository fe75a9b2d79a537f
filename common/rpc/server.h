#ifndef DROVER_COMMON_RPC_SERVER_H_
#define DROVER_COMMON_RPC_SERVER_H_

#include <grpcpp/server.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/limits.h"

namespace drover {

// What a server takes from whom it does not know.
struct ServerLimits {
  int streams = kMaxStreams;  // calls at once over one connection
  std::chrono::milliseconds handshake = kHandshakeTimeout;
  double connection_burst = kConnectionBurst;  // of one address
  double connections_per_second = kConnectionsPerSecond;
};

struct ServerOptions {
  // "unix:/path", "127.0.0.1:0" (0: a free port), …; at least one.
  std::vector<std::string> addresses;
  // Listen on addresses that other hosts reach, too, though anyone could then connect.
  bool insecure = false;
  ServerLimits limits;
};

// A process's gRPC server: serves from Start() until Shutdown() or its end. Its limits are those
// of channels (common/rpc/limits.h). Services are callback reactors; they must not block.
//
// Where the process has credentials (common/rpc/credentials.h), TCP is TLS, to this host's
// processes too, and refuses whoever has no certificate and token; else it is open, and only
// loopback is served. A Unix socket is open always: the file's mode says who may connect.
class RpcServer {
 public:
  // `services` outlive the server.
  // INVALID_ARGUMENT: a malformed address, or one that other hosts reach with neither credentials
  // nor `insecure`; FAILED_PRECONDITION: the credentials are of a role that serves nothing;
  // UNAVAILABLE: cannot listen there.
  static absl::StatusOr<std::unique_ptr<RpcServer>> Start(
      const ServerOptions& options, const std::vector<grpc::Service*>& services);
  ~RpcServer() { Shutdown(std::chrono::milliseconds(0)); }

  // Those of the options, with the ports that were free: what to advertise.
  const std::vector<std::string>& addresses() const { return addresses_; }

  // Takes no new calls, gives those under way `grace`, then cancels them; returns when none is
  // left. For its owner, never on gRPC's threads; may be repeated.
  void Shutdown(std::chrono::milliseconds grace);

 private:
  RpcServer() = default;

  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unique_ptr<grpc::Server> server_;
  std::vector<std::string> addresses_;
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_SERVER_H_
