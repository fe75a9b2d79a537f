#ifndef DROVER_COMMON_RPC_CREDENTIALS_H_
#define DROVER_COMMON_RPC_CREDENTIALS_H_

#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/tls_context.h"
#include "common/rpc/tokens.h"
#include "common/watched_file.h"

namespace drover {

// Files of the directory that `drover certs issue` makes for a role; docs/security.md says who
// holds which.
constexpr char kAuthorityFile[] = "ca.pem";  // whose certificates are accepted; may be several
constexpr char kCertificateFile[] = "cert.pem";
constexpr char kKeyFile[] = "key.pem";
constexpr char kTokenFile[] = "token";         // the role's own
constexpr char kTokensFile[] = "tokens.json";  // of those that serve: hashes of all roles' tokens

// What a process is, to its peers: a certificate, its key and a token; and whom it believes. All
// files are read again when they change: connections made from then on use the new ones.
// Thread-safe.
class Credentials {
 public:
  // INVALID_ARGUMENT, or the file's error: what is wrong with which file. A certificate that is
  // not valid now, or not of ca.pem, is an error, too.
  static absl::StatusOr<std::shared_ptr<const Credentials>> Load(const std::string& directory);

  const std::string& role() const { return role_; }
  // What ca.pem holds now.
  std::string authorities() const { return *authorities_->Get(); }

  // TLS with this certificate, and the token on each call. The peer must be of a role that serves.
  const std::shared_ptr<grpc::ChannelCredentials>& channel() const { return channel_; }

  // TLS that asks for a certificate, and common/rpc/authorizer.h for each call.
  // FAILED_PRECONDITION: the role is none that serves.
  absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> server() const;

  // Of those that serve; else null.
  const std::shared_ptr<WatchedFile<TokenTable>>& tokens() const { return tokens_; }

  // As whom it shows itself to people, over HTTPS; of those that serve, else null.
  const std::shared_ptr<WatchedTlsContext>& pages() const { return pages_; }

 private:
  Credentials() = default;

  std::string directory_;
  std::string role_;
  std::shared_ptr<grpc::experimental::CertificateProviderInterface> provider_;
  std::shared_ptr<WatchedFile<std::string>> authorities_;
  std::shared_ptr<WatchedFile<TokenTable>> tokens_;
  std::shared_ptr<WatchedTlsContext> pages_;
  std::shared_ptr<grpc::ChannelCredentials> channel_;
};

// What this process's channels and servers use on TCP; null, as at first: none, they speak openly.
// Set it before the first of them is made.
void SetProcessCredentials(std::shared_ptr<const Credentials> credentials);
std::shared_ptr<const Credentials> ProcessCredentials();

// Whether a token is a viewer's or an admin's, for what this process shows to people; empty where
// it has no credentials.
std::function<bool(absl::string_view token)> ViewersOnly();

// Its Credentials::pages(); null where it has no credentials.
std::shared_ptr<WatchedTlsContext> ProcessPages();

}  // namespace drover

#endif  // DROVER_COMMON_RPC_CREDENTIALS_H_
