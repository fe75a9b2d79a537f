#include "coordinator/event_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"

namespace drover {
namespace {

constexpr size_t kMaxText = 300;

double RefusedPeers(const Report& report) {
  const auto found = report.metrics().find("refused_peers");
  return found == report.metrics().end() ? 0 : found->second;
}

uint64_t RefusedStreams(const Report& report) {
  return report.learner().refused_streams() + report.replay().refused_streams() +
         report.replay().refused_calls();
}

uint64_t Rejections(const Report& report) {
  return report.learner().rejected_unrolls() + report.replay().rejected_messages();
}

const std::string& CheckpointError(const Report& report) {
  return report.has_replay() ? report.replay().checkpoint_error()
                             : report.learner().checkpoint_error();
}

}  // namespace

std::string NameOf(const Member& member) {
  std::string name = absl::StrCat(Role::Kind_Name(member.role()), " ", member.index());
  if (!member.host().empty()) absl::StrAppend(&name, " on ", member.host());
  return name;
}

void EventLog::Add(Event::Kind kind, const std::string& text) {
  ++counts_[kind];
  Entry entry;
  entry.event.set_kind(kind);
  entry.event.set_text(text.substr(0, kMaxText));
  const auto same = std::find_if(events_.begin(), events_.end(), [&](const Entry& other) {
    return other.event.kind() == kind && other.event.text() == entry.event.text();
  });
  if (same != events_.end()) {
    entry.times = same->times + 1;
    events_.erase(same);
  }
  entry.event.set_unix_seconds(static_cast<double>(UnixMicros()) * 1e-6);
  events_.push_back(std::move(entry));
  if (events_.size() > kKept) events_.pop_front();
}

void EventLog::Compare(const Member& member, const Report& before, const Report& now) {
  const std::string who = NameOf(member);
  if (RefusedStreams(now) > RefusedStreams(before)) {
    Add(Event::refused, absl::StrCat(who, " refused what a peer sent"));
  }
  if (RefusedPeers(now) > RefusedPeers(before)) {
    Add(Event::refused,
        absl::StrCat(who, " refused a peer: its certificate or token; its log says"));
  }
  if (Rejections(now) > Rejections(before)) {
    Add(Event::alarm, absl::StrCat(who, " rejects steps: NaN or infinite"));
  }
  const std::string& error = CheckpointError(now);
  if (error == CheckpointError(before)) return;
  Add(Event::alarm, error.empty() ? absl::StrCat(who, " writes checkpoints again")
                                  : absl::StrCat(who, " cannot write a checkpoint: ", error));
}

void EventLog::AddTo(StatusReply* status) const {
  for (const Entry& entry : events_) {
    Event* event = status->add_events();
    *event = entry.event;
    if (entry.times > 1) event->set_text(absl::StrCat(event->text(), " (", entry.times, " times)"));
  }
}

}  // namespace drover
