#ifndef DROVER_DEPLOY_DOCTOR_TLS_PROBE_H_
#define DROVER_DEPLOY_DOCTOR_TLS_PROBE_H_

#include <string>

namespace drover {

// The certificates that a server shows in a TLS handshake, in PEM, its own first; "": it speaks no
// TLS. `connection` blocks, and is of no more use. Whether the handshake ends well does not matter:
// gRPC does not say why one failed, and here is what it would have looked at.
std::string CertificatesShown(int connection);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_TLS_PROBE_H_
