#include "coordinator/membership.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr uint32_t kMaxIndex = 65535;
constexpr int kMaxAddresses = 16;
constexpr size_t kMaxAddressLength = 256;  // and a host's name

absl::Status CheckRequest(const RegisterRequest& request) {
  if (request.any_index() && request.role() != Role::actor) {
    return absl::InvalidArgumentError("only actors can do with any index");
  }
  switch (request.role()) {
    case Role::learner:
      if (request.index() != 0) return absl::InvalidArgumentError("a run has one learner, 0");
      break;
    case Role::actor:
    case Role::evaluator:
    case Role::replay:
      if (!request.any_index() && request.index() > kMaxIndex) {
        return absl::InvalidArgumentError(
            absl::StrCat("index ", request.index(), " is above ", kMaxIndex));
      }
      break;
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("role ", static_cast<int>(request.role()), " cannot be a member"));
  }
  const Endpoint& endpoint = request.endpoint();
  if (std::max(endpoint.host_id().size(), request.host().size()) > kMaxAddressLength) {
    return absl::InvalidArgumentError("a host that is too long");
  }
  if (endpoint.addresses_size() > kMaxAddresses) {
    return absl::InvalidArgumentError(absl::StrCat("more than ", kMaxAddresses, " addresses"));
  }
  for (const std::string& address : endpoint.addresses()) {
    if (address.size() > kMaxAddressLength) {
      return absl::InvalidArgumentError(
          absl::StrCat("an address of more than ", kMaxAddressLength, " characters"));
    }
  }
  return absl::OkStatus();
}

bool SameProcess(const Member& member, const RegisterRequest& request) {
  return member.pid() == request.pid() &&
         member.endpoint().host_id() == request.endpoint().host_id();
}

}  // namespace

Membership::Duration LeaseFor(uint32_t actors) {
  constexpr std::chrono::milliseconds kEach{10};
  return std::max<Membership::Duration>(Membership::Options().lease, actors * kEach);
}

uint64_t MemberId(Role::Kind role, uint32_t index) {
  return (static_cast<uint64_t>(role) << 32) | index;
}

Role::Kind RoleOfMember(uint64_t member_id) {
  const auto role = static_cast<int>(member_id >> 32);
  return Role::Kind_IsValid(role) ? static_cast<Role::Kind>(role) : Role::unspecified;
}

absl::StatusOr<Membership::Grant> Membership::Register(const RegisterRequest& request, Time now) {
  if (absl::Status status = CheckRequest(request); !status.ok()) return status;
  const uint32_t index = request.any_index() ? FreeActorIndex() : request.index();
  const uint64_t id = MemberId(request.role(), index);
  Entry& entry = entries_[id];
  const bool outlived =
      request.previous_epoch() > 0 && entry.member.epoch() > request.previous_epoch();
  if ((Taken(id) || outlived) && !SameProcess(entry.member, request)) {
    return absl::AlreadyExistsError(
        absl::StrCat("process ", entry.member.pid(), outlived ? " has become " : " is already ",
                     Role::Kind_Name(request.role()), " ", index, " of this run"));
  }
  entry.alive = true;
  entry.left = false;
  entry.renewed = now;
  entry.registered = now;
  entry.member.set_member_id(id);
  entry.member.set_epoch(next_epoch());
  ++granted_;
  entry.member.set_role(request.role());
  entry.member.set_index(index);
  *entry.member.mutable_endpoint() = request.endpoint();
  entry.member.set_pid(request.pid());
  entry.member.set_host(request.host());
  ++version_;
  return Grant{id, entry.member.epoch(), index};
}

bool Membership::Taken(uint64_t member_id) const {
  const auto found = entries_.find(member_id);
  if (found == entries_.end() || !found->second.alive) return false;
  return !options_.is_gone || !options_.is_gone(found->second.member);
}

uint32_t Membership::FreeActorIndex() const {
  uint32_t index = 0;
  while (Taken(MemberId(Role::actor, index))) ++index;
  return index;
}

absl::Status Membership::Check(uint64_t member_id, uint64_t epoch) const {
  const auto found = entries_.find(member_id);
  if (found == entries_.end()) {
    return absl::NotFoundError(absl::StrCat("no member ", member_id, " in this run"));
  }
  const Entry& entry = found->second;
  if (epoch != entry.member.epoch()) {
    return absl::FailedPreconditionError(absl::StrCat("fenced: epoch ", epoch, " is not ",
                                                      entry.member.epoch(), ", the newest; ",
                                                      "register again"));
  }
  if (!entry.alive) {
    return absl::FailedPreconditionError(
        absl::StrCat("fenced: epoch ", epoch, " left or let its lease run out; register again"));
  }
  return absl::OkStatus();
}

absl::Status Membership::Renew(uint64_t member_id, uint64_t epoch, Time now) {
  if (absl::Status status = Check(member_id, epoch); !status.ok()) return status;
  Entry& entry = entries_.at(member_id);
  if (now - entry.renewed >= options_.lease) {
    // Ran out since the last Expire: whoever comes first, the answer is the same.
    entry.alive = false;
    ++version_;
    return Check(member_id, epoch);
  }
  entry.renewed = now;
  return absl::OkStatus();
}

absl::Status Membership::Leave(uint64_t member_id, uint64_t epoch) {
  const auto found = entries_.find(member_id);
  if (found != entries_.end() && found->second.left && found->second.member.epoch() == epoch) {
    return absl::OkStatus();  // it did not hear the answer
  }
  if (absl::Status status = Check(member_id, epoch); !status.ok()) return status;
  found->second.alive = false;
  found->second.left = true;
  ++version_;
  return absl::OkStatus();
}

std::vector<Member> Membership::Expire(Time now) {
  std::vector<Member> expired;
  for (auto& [id, entry] : entries_) {
    if (entry.alive && now - entry.renewed >= options_.lease) {
      entry.alive = false;
      expired.push_back(entry.member);
    }
  }
  if (!expired.empty()) ++version_;
  return expired;
}

void Membership::RenewAll(Time now) {
  for (auto& [id, entry] : entries_) entry.renewed = now;
}

void Membership::Restore(const RunMemory& memory, Time now) {
  for (const RememberedMember& remembered : memory.members()) {
    entries_[remembered.member().member_id()] = {remembered.member(), remembered.alive(),
                                                 remembered.left(), now, now};
  }
}

void Membership::Save(RunMemory* memory) const {
  for (const auto& [id, entry] : entries_) {
    RememberedMember* remembered = memory->add_members();
    *remembered->mutable_member() = entry.member;
    remembered->set_alive(entry.alive);
    remembered->set_left(entry.left);
  }
}

bool Membership::AnyAlive() const {
  for (const auto& [id, entry] : entries_) {
    if (entry.alive) return true;
  }
  return false;
}

}  // namespace drover
