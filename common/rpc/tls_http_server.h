#ifndef DROVER_COMMON_RPC_TLS_HTTP_SERVER_H_
#define DROVER_COMMON_RPC_TLS_HTTP_SERVER_H_

#include <httplib.h>

#include <memory>
#include <utility>

#include "common/rpc/tls_context.h"

namespace drover {

// httplib's server over TLS, one request a connection. Its own knows one certificate only, and has
// no bound on how long a handshake takes that goes on byte by byte: here handshake and request must
// be there within kHandshakeTimeout. A handshake that is none, or too late, is counted
// (common/rpc/refusals.h); not who hangs up, or does not believe the certificate: a browser asks a
// person first. All on the threads of the pool.
class TlsHttpServer final : public httplib::Server {
 public:
  explicit TlsHttpServer(std::shared_ptr<WatchedTlsContext> context)
      : context_(std::move(context)) {}

 private:
  bool process_and_close_socket(socket_t socket) override;

  const std::shared_ptr<WatchedTlsContext> context_;
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_TLS_HTTP_SERVER_H_
