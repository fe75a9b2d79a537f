#ifndef DROVER_COMMON_RPC_PEER_VERIFIER_H_
#define DROVER_COMMON_RPC_PEER_VERIFIER_H_

#include <grpcpp/security/tls_certificate_verifier.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "common/watched_file.h"

// What each end of a TLS connection asks of the other's certificate. The handshake has shown by
// then that the peer holds its key.
namespace drover {

// A server's: was it issued by one of the authorities in the file, is it valid now, and does it
// name a role? It is checked here and not by the handshake, so that a refusal can be counted and
// says why.
std::shared_ptr<grpc::experimental::CertificateVerifier> ClientVerifier(
    std::shared_ptr<WatchedFile<std::string>> authorities);

// A client's: does it name a role that serves? All else the handshake checks. Not the host's name:
// processes move between hosts, and are found through the coordinator.
std::shared_ptr<grpc::experimental::CertificateVerifier> ServerVerifier();

}  // namespace drover

#endif  // DROVER_COMMON_RPC_PEER_VERIFIER_H_
