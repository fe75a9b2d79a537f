#ifndef DROVER_COMMON_RPC_ACCEPTOR_H_
#define DROVER_COMMON_RPC_ACCEPTOR_H_

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/rpc/connection_limiter.h"
#include "common/unique_fd.h"

namespace drover {

// Listens on TCP, and hands on the connections that come. It stands before gRPC's server, which
// would take as many as one address makes. A thread of its own; its owner makes and ends it.
class Acceptor {
 public:
  // Takes over a connection; on the acceptor's thread.
  using Take = std::function<void(int listener, UniqueFd connection)>;

  // Listens at "host:port" (0: a free port), on each address that the host's name stands for;
  // connections wait until Start(). UNAVAILABLE: in use, or not an address of this host.
  static absl::StatusOr<std::unique_ptr<Acceptor>> Listen(const std::string& address);
  ~Acceptor();

  int port() const { return port_; }

  // Once. Each connection beyond the limits is closed and counted (common/rpc/refusals.h).
  void Start(ConnectionLimiter limiter, Take take);

 private:
  Acceptor() = default;

  void Loop(ConnectionLimiter* limiter, const Take& take);
  // False: it makes no sense to ask again at once.
  bool AcceptOne(int listener, ConnectionLimiter* limiter, const Take& take);

  std::vector<UniqueFd> listeners_;
  int port_ = 0;
  UniqueFd stop_;  // readable: end
  std::thread thread_;
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_ACCEPTOR_H_
