#ifndef DROVER_COORDINATOR_MEMBERSHIP_H_
#define DROVER_COORDINATOR_MEMBERSHIP_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/coordinator.pb.h"
#include "proto/run_memory.pb.h"

namespace drover {

// Who is in the run: a state machine over registrations, renewals, departures and time.
//
// Each role and index is one member, with the same id each time it registers, and an epoch that
// is higher than all granted before. A member lives while it renews its lease; one that left or
// let the lease run out is fenced: nothing of its epoch is accepted again, and it has to register
// anew. version() counts the changes of the set of live members.
//
// Not thread-safe; time is always passed in and must not go back.
class Membership {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Duration = std::chrono::steady_clock::duration;

  struct Options {
    Duration lease = std::chrono::seconds(3);
    // Above every epoch that this run granted, and every version() that it had, before.
    uint64_t first_epoch = 1;
    uint64_t first_version = 0;
    // Whether the process behind a member is known to be dead, so that its successor need not
    // wait for the lease to run out. May be empty.
    std::function<bool(const Member&)> is_gone;
  };

  struct Grant {
    uint64_t member_id = 0;
    uint64_t epoch = 0;
    uint32_t index = 0;
  };

  struct Entry {
    Member member;
    bool alive = false;  // has neither left nor let its lease run out
    bool left = false;
    Time renewed;  // when it last registered or renewed
    Time registered;
  };

  explicit Membership(Options options)
      : options_(std::move(options)), version_(options_.first_version) {}

  // The members of a coordinator that is no more: those that lived have one full lease.
  void Restore(const RunMemory& memory, Time now);
  // Writes its members.
  void Save(RunMemory* memory) const;

  // A process joins. INVALID_ARGUMENT: no such role or index; ALREADY_EXISTS: another live
  // process is this member, or one has been, dead or not, since this one was: what this one has
  // is behind. The same process may repeat it; its older epoch is then fenced. One
  // that takes any index and repeats it gets another: its pid and host do not tell containers
  // apart.
  absl::StatusOr<Grant> Register(const RegisterRequest& request, Time now);

  // OK if the member lives and the epoch is its newest. NOT_FOUND: never registered;
  // FAILED_PRECONDITION: fenced.
  absl::Status Check(uint64_t member_id, uint64_t epoch) const;

  // Lengthens the lease; errors as Check.
  absl::Status Renew(uint64_t member_id, uint64_t epoch, Time now);

  // Ends the membership; errors as Check, but one that has left may say so again.
  absl::Status Leave(uint64_t member_id, uint64_t epoch);

  // Fences the members whose lease ran out by `now`, and names them.
  std::vector<Member> Expire(Time now);

  // Gives each live member one full lease: they could not renew.
  void RenewAll(Time now);

  uint64_t version() const { return version_; }
  uint64_t next_epoch() const { return options_.first_epoch + granted_; }  // to be granted

  // Every member there ever was, by id.
  const std::map<uint64_t, Entry>& entries() const { return entries_; }

  bool AnyAlive() const;

 private:
  // Whether a process holds the place, as far as is known.
  bool Taken(uint64_t member_id) const;
  // The lowest index that no live actor has.
  uint32_t FreeActorIndex() const;

  const Options options_;
  uint64_t granted_ = 0;  // epochs so far
  uint64_t version_;
  std::map<uint64_t, Entry> entries_;
};

// How long the members of a run with so many actors have to renew: 3 s, and more where there are
// more than 300, so that these make 300 calls a second at most.
Membership::Duration LeaseFor(uint32_t actors);

// The id of a role and index; the same in every process and after every restart.
uint64_t MemberId(Role::Kind role, uint32_t index);
// The role in it; unspecified where there is none.
Role::Kind RoleOfMember(uint64_t member_id);

}  // namespace drover

#endif  // DROVER_COORDINATOR_MEMBERSHIP_H_
