#include "common/rpc/admission.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr std::chrono::seconds kPatience{1};

}  // namespace

Admission::Admission(std::vector<Role::Kind> roles) : roles_(std::move(roles)) {}

void Admission::Update(const MemberTable& table) {
  MutexLock lock(&mutex_);
  run_id_ = table.run_id();
  version_ = table.version();
  members_.clear();
  for (const Member& member : table.members()) members_[member.member_id()] = member;
}

Admission::Decision Admission::Decide(const Peer& peer,
                                      std::chrono::steady_clock::time_point now) const {
  MutexLock lock(&mutex_);
  absl::Status status = Check(peer);
  if (status.ok()) return {peer.admitted ? Ruling::kLeave : Ruling::kAdmit, status};
  const bool may_come = absl::IsNotFound(status) && peer.table_version > version_ &&
                        now - peer.greeted_at <= kPatience;
  return {may_come ? Ruling::kLeave : Ruling::kClose, std::move(status)};
}

std::set<uint64_t> Admission::Living() const {
  MutexLock lock(&mutex_);
  std::set<uint64_t> living;
  for (const auto& [id, member] : members_) {
    if (MayCome(member)) living.insert(id);
  }
  return living;
}

bool Admission::MayCome(const Member& member) const {
  return std::find(roles_.begin(), roles_.end(), member.role()) != roles_.end();
}

absl::Status Admission::Check(const Peer& peer) const {
  if (version_ > 0 && peer.run_id != run_id_) {
    return absl::FailedPreconditionError(
        absl::StrCat("this is run ", run_id_, ", not ", peer.run_id));
  }
  const auto found = members_.find(peer.member_id);
  if (found == members_.end() || found->second.epoch() < peer.epoch) {
    return absl::NotFoundError(absl::StrCat("table ", version_, " does not list member ",
                                            peer.member_id, " with epoch ", peer.epoch));
  }
  const Member& member = found->second;
  if (member.epoch() > peer.epoch) {
    return absl::FailedPreconditionError(absl::StrCat("epoch ", peer.epoch, " of member ",
                                                      peer.member_id, " is over, it is now ",
                                                      member.epoch(), ": register again"));
  }
  if (!MayCome(member)) {
    return absl::NotFoundError(
        absl::StrCat("member ", peer.member_id, " has no role that uses this service"));
  }
  return absl::OkStatus();
}

}  // namespace drover
