#ifndef DROVER_COMMON_CERTIFICATE_H_
#define DROVER_COMMON_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

// Reading and checking X.509 certificates in PEM. deploy/certificates.h makes them.
namespace drover {

struct CertificateInfo {
  std::string name;    // subject's common name: the role
  std::string issuer;  // its authority's
  absl::Time not_before;
  absl::Time not_after;
  std::vector<std::string> hosts;  // names and addresses that it is for; empty: any
  std::string fingerprint;         // SHA-256, in hex
};

// The first certificate in the text. INVALID_ARGUMENT: there is none.
absl::StatusOr<CertificateInfo> ReadCertificate(absl::string_view pem);

enum class CertificateUse { kClient, kServer };

// Whether the first certificate of `chain` (others in it may stand between) was issued by one of
// `authorities`, is valid at `now` and may be used so. NOT_FOUND: there is no certificate;
// OUT_OF_RANGE: it is over, or not valid yet; UNAUTHENTICATED: another authority;
// PERMISSION_DENIED: anything else. Says nothing of who holds its key: the handshake does.
absl::Status CheckCertificate(absl::string_view chain, absl::string_view authorities,
                              CertificateUse use, absl::Time now);

// Whether the private key is the first certificate's. INVALID_ARGUMENT: no, or there is none.
absl::Status CheckKey(absl::string_view certificate, absl::string_view key);

// SHA-256 of the bytes, in hex.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace drover

#endif  // DROVER_COMMON_CERTIFICATE_H_
