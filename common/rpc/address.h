#ifndef DROVER_COMMON_RPC_ADDRESS_H_
#define DROVER_COMMON_RPC_ADDRESS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/coordinator.pb.h"

// Where a process listens and how a peer reaches it. An address is "unix:/path" or "host:port",
// "[::1]:port" for IPv6.
namespace drover {

// The same for all processes of a host since it was started, containers included: the kernel's
// boot id. Read once.
const std::string& HostId();

// What this host calls itself, for people.
std::string HostName();

// What a process advertises: this host's id and the addresses its server is bound to; for
// "0.0.0.0:port" and "[::]:port" those of this host's interfaces.
Endpoint LocalEndpoint(const std::vector<std::string>& addresses);

// The address to reach `endpoint` from a process on the host `host_id`: its socket, where both are
// on one host and this process sees the socket's file; else its first host:port.
// INVALID_ARGUMENT: nothing of it can be reached from here.
absl::StatusOr<std::string> ChooseAddress(const Endpoint& endpoint, absl::string_view host_id);
absl::StatusOr<std::string> ChooseAddress(const Endpoint& endpoint);  // from this host

// A Unix socket or a loopback address: open to processes of this host only. A host name other
// than localhost is not, whatever it resolves to.
bool IsLocalAddress(absl::string_view address);

// INVALID_ARGUMENT with what is wrong and what is allowed, unless `address` has the form of one
// and, with a socket, a path short enough for the kernel (107 bytes).
absl::Status CheckAddress(absl::string_view address);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_ADDRESS_H_
