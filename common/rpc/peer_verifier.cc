#include "common/rpc/peer_verifier.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/certificate.h"
#include "common/rpc/permissions.h"
#include "common/rpc/refusals.h"
#include "common/status_grpc.h"

namespace drover {
namespace {

using grpc::experimental::CertificateVerifier;
using grpc::experimental::ExternalCertificateVerifier;
using Request = grpc::experimental::TlsCustomVerificationCheckRequest;

absl::string_view View(const grpc::string_ref& text) { return {text.data(), text.size()}; }

Refusal ReasonOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kNotFound:
      return Refusal::kNoCertificate;
    case absl::StatusCode::kOutOfRange:
      return Refusal::kExpiredCertificate;
    case absl::StatusCode::kUnauthenticated:
      return Refusal::kUnknownAuthority;
    default:
      return Refusal::kBadCertificate;
  }
}

// Answers at once.
class Verifier : public ExternalCertificateVerifier {
 public:
  bool Verify(Request* request, std::function<void(grpc::Status)> /*callback*/,
              grpc::Status* status) override {
    *status = ToGrpcStatus(Check(*request));
    return true;
  }
  void Cancel(Request* /*request*/) override {}

 private:
  virtual absl::Status Check(const Request& request) const = 0;
};

class OfClients final : public Verifier {
 public:
  explicit OfClients(std::shared_ptr<WatchedFile<std::string>> authorities)
      : authorities_(std::move(authorities)) {}

 private:
  absl::Status Check(const Request& request) const override {
    const std::string role(View(request.common_name()));
    // What OpenSSL calls a server's view of the chain lacks the peer's own, which comes first.
    const std::string chain =
        absl::StrCat(View(request.peer_cert()), View(request.peer_cert_full_chain()));
    absl::Status status =
        CheckCertificate(chain, *authorities_->Get(), CertificateUse::kClient, absl::Now());
    const std::vector<std::string>& known = CertificateRoles();
    if (status.ok() && std::find(known.begin(), known.end(), role) == known.end()) {
      status = absl::PermissionDeniedError(absl::StrCat("there is no role \"", role, "\""));
    }
    if (!status.ok()) {
      Refusals::OfProcess().Add(ReasonOf(status), absl::StrCat("a connection: ", status.message()));
    }
    return status;
  }

  const std::shared_ptr<WatchedFile<std::string>> authorities_;
};

class OfServers final : public Verifier {
  absl::Status Check(const Request& request) const override {
    const absl::string_view role = View(request.common_name());
    if (Serves(role)) return absl::OkStatus();
    return absl::PermissionDeniedError(absl::StrCat("role \"", role, "\" serves nothing"));
  }
};

}  // namespace

std::shared_ptr<CertificateVerifier> ClientVerifier(
    std::shared_ptr<WatchedFile<std::string>> authorities) {
  return ExternalCertificateVerifier::Create<OfClients>(std::move(authorities));
}

std::shared_ptr<CertificateVerifier> ServerVerifier() {
  return ExternalCertificateVerifier::Create<OfServers>();
}

}  // namespace drover
