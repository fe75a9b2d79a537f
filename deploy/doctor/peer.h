#ifndef DROVER_DEPLOY_DOCTOR_PEER_H_
#define DROVER_DEPLOY_DOCTOR_PEER_H_

#include <optional>
#include <string>

#include "deploy/doctor/finding.h"
#include "proto/coordinator.pb.h"

namespace drover {

// What came of calling a peer.
struct PeerReport {
  Findings findings;                  // whether it can be reached, and its clock, where it tells
  std::optional<StatusReply> status;  // of a coordinator
};

// Calls who serves at an address, with this process's credentials, if it has any: connects, speaks
// TLS, asks how the run stands (coordinators answer, others say that they do not know, which does
// as well), and finds out at which step it fails, and why. Some seconds at most.
PeerReport CheckPeer(const std::string& name, const std::string& address);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_PEER_H_
