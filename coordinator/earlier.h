#ifndef DROVER_COORDINATOR_EARLIER_H_
#define DROVER_COORDINATOR_EARLIER_H_

#include <cstdint>
#include <map>

#include "proto/coordinator.pb.h"

namespace drover {

// A run's status of some seconds ago, to tell from it and a newer one how fast totals grow.
// An empty status: since the start of each process.
class Earlier {
 public:
  // `before` outlives it.
  explicit Earlier(const StatusReply& before) : before_(before) {
    for (const MemberStatus& member : before.members()) {
      members_[member.member().member_id()] = &member;
    }
  }

  // Of the same process; null: it is younger, or has said nothing new since.
  const MemberStatus* Of(const MemberStatus& now) const {
    const auto found = members_.find(now.member().member_id());
    if (found == members_.end() || found->second->member().pid() != now.member().pid()) {
      return nullptr;
    }
    return found->second;
  }

  // Its report then, or an empty one.
  const Report& ReportOf(const MemberStatus& now) const {
    const MemberStatus* const before = Of(now);
    return before == nullptr ? Report::default_instance() : before->report();
  }

  const StatusReply& status() const { return before_; }

 private:
  const StatusReply& before_;
  std::map<uint64_t, const MemberStatus*> members_;
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_EARLIER_H_
