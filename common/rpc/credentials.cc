#include "common/rpc/credentials.h"

#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/certificate.h"
#include "common/file.h"
#include "common/mutex.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/peer_verifier.h"
#include "common/rpc/permissions.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using grpc::experimental::FileWatcherCertificateProvider;
using grpc::experimental::TlsChannelCredentialsOptions;
using grpc::experimental::TlsServerCredentialsOptions;

constexpr unsigned kLookEvery = 1;  // seconds, at the files

// Puts the token on each call. gRPC refuses to send it over a connection that is open to others.
class TokenPlugin final : public grpc::MetadataCredentialsPlugin {
 public:
  explicit TokenPlugin(std::shared_ptr<WatchedFile<std::string>> token)
      : token_(std::move(token)) {}

  bool IsBlocking() const override { return false; }
  const char* GetType() const override { return "drover"; }
  grpc::Status GetMetadata(grpc::string_ref /*service_url*/, grpc::string_ref /*method*/,
                           const grpc::AuthContext& /*context*/,
                           std::multimap<std::string, std::string>* metadata) override {
    metadata->emplace("authorization", absl::StrCat("Bearer ", *token_->Get()));
    return grpc::Status::OK;
  }

 private:
  const std::shared_ptr<WatchedFile<std::string>> token_;
};

absl::StatusOr<std::string> ParseToken(absl::string_view text) {
  const absl::string_view token = absl::StripAsciiWhitespace(text);
  if (token.empty()) return absl::InvalidArgumentError("it is empty");
  return std::string(token);
}

// In the file's name.
absl::Status Of(const std::string& path, const absl::Status& status) {
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(path, ": ", status.message()));
}

template <typename T>
absl::StatusOr<std::shared_ptr<WatchedFile<T>>> Watch(const std::string& path,
                                                      typename WatchedFile<T>::Parse parse) {
  auto file = std::make_shared<WatchedFile<T>>(path, std::move(parse));
  DROVER_RETURN_IF_ERROR(Of(path, file->Load()));
  return file;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const Credentials>> Credentials::Load(const std::string& directory) {
  const auto path = [&](const char* name) { return absl::StrCat(directory, "/", name); };
  std::shared_ptr<Credentials> its(new Credentials);
  its->directory_ = directory;
  DROVER_ASSIGN_OR_RETURN(const std::string certificate, ReadFile(path(kCertificateFile)));
  DROVER_ASSIGN_OR_RETURN(const std::string key, ReadFile(path(kKeyFile)));
  DROVER_ASSIGN_OR_RETURN(
      its->authorities_,
      Watch<std::string>(path(kAuthorityFile),
                         [](absl::string_view text) -> absl::StatusOr<std::string> {
                           DROVER_RETURN_IF_ERROR(ReadCertificate(text).status());
                           return std::string(text);
                         }));
  const absl::StatusOr<CertificateInfo> info = ReadCertificate(certificate);
  DROVER_RETURN_IF_ERROR(Of(path(kCertificateFile), info.status()));
  its->role_ = info->name;
  DROVER_RETURN_IF_ERROR(Of(path(kKeyFile), CheckKey(certificate, key)));
  DROVER_RETURN_IF_ERROR(
      Of(path(kCertificateFile), CheckCertificate(certificate, *its->authorities_->Get(),
                                                  CertificateUse::kClient, absl::Now())));
  DROVER_ASSIGN_OR_RETURN(const auto token, Watch<std::string>(path(kTokenFile), ParseToken));
  if (Serves(its->role_)) {
    DROVER_ASSIGN_OR_RETURN(its->tokens_, Watch<TokenTable>(path(kTokensFile), TokenTable::Parse));
    DROVER_ASSIGN_OR_RETURN(its->pages_, WatchTlsContext(path(kCertificateFile), path(kKeyFile)));
  }

  its->provider_ = std::make_shared<FileWatcherCertificateProvider>(
      path(kKeyFile), path(kCertificateFile), path(kAuthorityFile), kLookEvery);
  TlsChannelCredentialsOptions options;
  options.set_certificate_provider(its->provider_);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_certificate_verifier(ServerVerifier());
  options.set_check_call_host(false);
  its->channel_ = grpc::CompositeChannelCredentials(
      grpc::experimental::TlsCredentials(options),
      grpc::MetadataCredentialsFromPlugin(std::make_unique<TokenPlugin>(token)));
  return std::shared_ptr<const Credentials>(std::move(its));
}

absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> Credentials::server() const {
  if (tokens_ == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat(directory_, " is of role \"", role_, "\", which serves nothing"));
  }
  TlsServerCredentialsOptions options(provider_);
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_REQUEST_CLIENT_CERTIFICATE_BUT_DONT_VERIFY);
  options.set_certificate_verifier(ClientVerifier(authorities_));
  std::shared_ptr<grpc::ServerCredentials> credentials =
      grpc::experimental::TlsServerCredentials(options);
  credentials->SetAuthMetadataProcessor(std::make_shared<Authorizer>(tokens_));
  return credentials;
}

// ---- The process's.

namespace {

struct Holder {
  Mutex mutex;
  std::shared_ptr<const Credentials> credentials DROVER_GUARDED_BY(mutex);
};

Holder& TheHolder() {
  static auto* const holder = new Holder;
  return *holder;
}

}  // namespace

void SetProcessCredentials(std::shared_ptr<const Credentials> credentials) {
  MutexLock lock(&TheHolder().mutex);
  TheHolder().credentials = std::move(credentials);
}

std::shared_ptr<const Credentials> ProcessCredentials() {
  MutexLock lock(&TheHolder().mutex);
  return TheHolder().credentials;
}

std::function<bool(absl::string_view)> ViewersOnly() {
  const std::shared_ptr<const Credentials> credentials = ProcessCredentials();
  if (credentials == nullptr || credentials->tokens() == nullptr) return nullptr;
  return [tokens = credentials->tokens()](absl::string_view token) {
    const std::string role = tokens->Get()->RoleOf(token);
    return role == "viewer" || role == "admin";
  };
}

std::shared_ptr<WatchedTlsContext> ProcessPages() {
  const std::shared_ptr<const Credentials> credentials = ProcessCredentials();
  return credentials == nullptr ? nullptr : credentials->pages();
}

}  // namespace drover
