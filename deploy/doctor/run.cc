#include "deploy/doctor/run.h"

#include "absl/strings/str_cat.h"
#include "common/rpc/address.h"
#include "common/rpc/run_address.h"
#include "deploy/doctor/peer.h"

namespace drover {
namespace {

Findings CheckMember(const Member& member) {
  const std::string role = Role::Kind_Name(member.role());
  const std::string name = absl::StrCat(role, " ", member.index());
  const absl::StatusOr<std::string> address = ChooseAddress(member.endpoint());
  if (address.ok()) return CheckPeer(name, *address).findings;
  return {Wrong(absl::StrCat(name, " on ", member.host()), std::string(address.status().message()),
                absl::StrCat("drover ", role, " … --listen 0.0.0.0:0  # on ", member.host()))};
}

}  // namespace

Findings CheckRun(const std::string& run_dir) {
  const absl::StatusOr<std::string> address = FindCoordinator(absl::StrCat("run:", run_dir));
  if (!address.ok()) {
    return {Wrong(absl::StrCat("run ", run_dir), std::string(address.status().message()),
                  absl::StrCat("drover up CONFIG --run_dir ", run_dir,
                               "  # --resume: on with what is there"))};
  }
  const PeerReport coordinator = CheckPeer("coordinator", *address);
  Findings findings = coordinator.findings;
  if (!coordinator.status.has_value()) return findings;
  for (const MemberStatus& member : coordinator.status->members()) {
    if (!member.alive() || member.member().endpoint().addresses().empty()) continue;
    const Findings its = CheckMember(member.member());
    findings.insert(findings.end(), its.begin(), its.end());
  }
  return findings;
}

}  // namespace drover
