#ifndef DROVER_COMMON_RPC_PERMISSIONS_H_
#define DROVER_COMMON_RPC_PERMISSIONS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "proto/coordinator.pb.h"

// Who may do what, by the role in a certificate. Those of processes: "coordinator", "learner",
// "replay", "actor" (evaluators too). Those of people and launchers: "viewer", "admin".
namespace drover {

const std::vector<std::string>& CertificateRoles();

// Whether it serves: its certificate must convince clients.
bool Serves(absl::string_view role);

// `method` is e.g. "/drover.Coordinator/Renew". Nobody may call what is not known.
bool MayCall(absl::string_view role, absl::string_view method);

// Whether a process with this certificate may be such a member of a run.
bool MayBe(absl::string_view role, Role::Kind member);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_PERMISSIONS_H_
