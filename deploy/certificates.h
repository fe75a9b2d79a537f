#ifndef DROVER_DEPLOY_CERTIFICATES_H_
#define DROVER_DEPLOY_CERTIFICATES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

// A small certificate authority in a directory, that of a cluster and of nothing else:
//
//   ca.pem         its certificate
//   ca.key         its key: who has it can be anyone; needed to issue, not to run
//   tokens/<role>  each role's token
//   <role>/        what a process of that role holds (common/rpc/credentials.h)
//
// Keys are on the curve P-256. Nobody but the owner can enter the directories.
namespace drover {

struct Validity {
  absl::Time from;
  absl::Time to;
};

constexpr char kAuthorityKeyFile[] = "ca.key";

// Certificates are valid that much earlier than they are made, for clocks that disagree.
constexpr absl::Duration kClockTolerance = absl::Minutes(5);

// From now, less the tolerance, for so many days.
Validity ForDays(int days);

// Makes authority and tokens. ALREADY_EXISTS: the directory has one.
absl::Status InitAuthority(const std::string& directory, const Validity& validity);

// Makes or renews <directory>/<role>, and returns that path. A key that is there stays, so that
// certificate and key fit together at any moment. `hosts` are names and addresses, for browsers:
// processes do not look at them. INVALID_ARGUMENT: no such role; NOT_FOUND: no authority there.
absl::StatusOr<std::string> IssueCertificate(const std::string& directory, const std::string& role,
                                             const std::vector<std::string>& hosts,
                                             const Validity& validity);

}  // namespace drover

#endif  // DROVER_DEPLOY_CERTIFICATES_H_
