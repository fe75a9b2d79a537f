#ifndef DROVER_COMMON_RPC_TLS_CONTEXT_H_
#define DROVER_COMMON_RPC_TLS_CONTEXT_H_

#include <openssl/types.h>

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/watched_file.h"

namespace drover {

// As whom a server speaks TLS, for those that are not gRPC's: certificate and key, in OpenSSL's
// form. Thread-safe.
using TlsContext = std::shared_ptr<SSL_CTX>;

// What it is at the moment. Watches the certificate: a new one counts as soon as the key beside it
// fits, and until then the old one does, so that both may be replaced one after the other.
using WatchedTlsContext = WatchedFile<TlsContext>;

// TLS 1.2 or 1.3, and no certificate is asked for. NOT_FOUND: there is no certificate;
// INVALID_ARGUMENT: it and the key do not fit.
absl::StatusOr<std::shared_ptr<WatchedTlsContext>> WatchTlsContext(const std::string& certificate,
                                                                   const std::string& key);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_TLS_CONTEXT_H_
