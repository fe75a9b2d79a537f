#ifndef DROVER_COORDINATOR_EVENT_LOG_H_
#define DROVER_COORDINATOR_EVENT_LOG_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <string>

#include "proto/coordinator.pb.h"

namespace drover {

// "actor 3 on node7"
std::string NameOf(const Member& member);

// What happened in a run that a person would like to know of: StatusReply.events. Keeps the newest
// hundred; one that repeats another of them (a peer that is refused again and again) moves to the
// end and is counted, so that nobody can push out the rest. Not thread-safe.
class EventLog {
 public:
  static constexpr size_t kKept = 100;

  // `text`: who and what. It happened now.
  void Add(Event::Kind kind, const std::string& text);

  // What changed between two reports of a member: peers that it refused, and what it complains of.
  void Compare(const Member& member, const Report& before, const Report& now);

  // Of each kind since the start, those that were pushed out or repeated included.
  const std::map<Event::Kind, uint64_t>& counts() const { return counts_; }

  void AddTo(StatusReply* status) const;

 private:
  struct Entry {
    Event event;
    uint64_t times = 1;
  };
  std::deque<Entry> events_;  // oldest first
  std::map<Event::Kind, uint64_t> counts_;
};

}  // namespace drover

#endif  // DROVER_COORDINATOR_EVENT_LOG_H_
