#ifndef DROVER_DEPLOY_DOCTOR_TLS_PROBE_H_
#define DROVER_DEPLOY_DOCTOR_TLS_PROBE_H_

#include <string>

namespace drover {

// What a server shows in a TLS handshake.
struct TlsProbe {
  std::string certificates;  // in PEM, its own first; "": it speaks no TLS
  bool grpc = false;         // it takes HTTP/2, as gRPC's servers do; pages do not
};

// `connection` blocks, and is of no more use. Whether the handshake ends well does not matter: gRPC
// does not say why one failed, and here is what it would have looked at.
TlsProbe ProbeTls(int connection);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_TLS_PROBE_H_
