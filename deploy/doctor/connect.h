#ifndef DROVER_DEPLOY_DOCTOR_CONNECT_H_
#define DROVER_DEPLOY_DOCTOR_CONNECT_H_

#include <chrono>
#include <string>

#include "absl/status/statusor.h"
#include "common/unique_fd.h"

namespace drover {

// "host:port" or "unix:/path" in its parts.
struct AddressParts {
  std::string host;  // without brackets; of a socket, empty
  std::string port;  // or the path
};
AddressParts PartsOf(const std::string& address);

// A connection to an address of common/rpc/address.h. It blocks, reads and writes too, each at most
// for `limit`. NOT_FOUND: no such name, or no such socket; UNAVAILABLE: nobody listens there;
// DEADLINE_EXCEEDED: no answer; PERMISSION_DENIED: a socket of somebody else's;
// FAILED_PRECONDITION: there is no way to it. The message is what the system says.
absl::StatusOr<UniqueFd> Connect(const std::string& address, std::chrono::milliseconds limit);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_CONNECT_H_
