#include "common/rpc/tls_context.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/status_macros.h"

namespace drover {
namespace {

absl::StatusOr<TlsContext> Make(const std::string& certificate, const std::string& key) {
  TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  SSL_CTX* const its = context.get();
  DROVER_CHECK(its != nullptr && SSL_CTX_set_min_proto_version(its, TLS1_2_VERSION) == 1);
  // So that who reads slowly is seen to read.
  SSL_CTX_set_mode(its, SSL_MODE_ENABLE_PARTIAL_WRITE);
  // Clients keep their sessions themselves.
  SSL_CTX_set_session_cache_mode(its, SSL_SESS_CACHE_OFF);
  // No key's password is asked for.
  SSL_CTX_set_default_passwd_cb(its, [](char*, int, int, void*) { return 0; });
  const bool fit = SSL_CTX_use_certificate_chain_file(its, certificate.c_str()) == 1 &&
                   SSL_CTX_use_PrivateKey_file(its, key.c_str(), SSL_FILETYPE_PEM) == 1 &&
                   SSL_CTX_check_private_key(its) == 1;
  ERR_clear_error();
  if (fit) return context;
  return absl::InvalidArgumentError(absl::StrCat(certificate, " and ", key, " do not fit"));
}

}  // namespace

absl::StatusOr<std::shared_ptr<WatchedTlsContext>> WatchTlsContext(const std::string& certificate,
                                                                   const std::string& key) {
  auto context = std::make_shared<WatchedTlsContext>(
      certificate, [certificate, key](absl::string_view) { return Make(certificate, key); });
  DROVER_RETURN_IF_ERROR(context->Load());
  return context;
}

}  // namespace drover
