#include "cli/top_text.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/human.h"
#include "cli/progress.h"
#include "client/thread_parts.h"
#include "coordinator/bottleneck.h"
#include "coordinator/earlier.h"
#include "coordinator/member_rates.h"

namespace drover {
namespace {

constexpr int kEvents = 8;
constexpr double kSmall = 0.01;  // a share that is not worth a word

using Lines = std::vector<std::string>;

void AddBottleneck(const StatusReply& before, const StatusReply& now, Lines* lines) {
  const Bottleneck bottleneck = FindBottleneck(before, now);
  lines->push_back(absl::StrCat("  slowest  ", BottleneckName(bottleneck.kind),
                                bottleneck.why.empty() ? "" : ": ", bottleneck.why));
  if (!bottleneck.setting.empty()) {
    lines->push_back(absl::StrCat("           what moves it: ", bottleneck.setting));
  }
}

// Actors beyond the first do much the same: the page has their mean.
void AddThreads(const Earlier& earlier, const StatusReply& now, Lines* lines) {
  bool actor_shown = false;
  for (const MemberStatus& member : now.members()) {
    const Role::Kind role = member.member().role();
    if (!member.alive() || (role == Role::actor && actor_shown)) continue;
    for (const ThreadShares& thread :
         SharesBetween(role, earlier.ReportOf(member), member.report())) {
      if (thread.sum() <= 0) continue;  // not in this topology
      actor_shown |= role == Role::actor;
      std::string line = absl::StrFormat(
          "  %-18s",
          absl::StrCat(Role::Kind_Name(role), " ", member.member().index(), " ", thread.name));
      for (const auto& [name, share] : thread.parts) {
        if (share >= kSmall) absl::StrAppendFormat(&line, "  %s %.0f %%", name, 100 * share);
      }
      lines->push_back(std::move(line));
    }
  }
}

std::string MemberLine(const Earlier& earlier, const MemberStatus& member) {
  const MemberRates rates = RatesOf(earlier, member);
  std::string line = absl::StrFormat(
      "  %-12s %-12s %-6s %8s %9s %11s/s %7d MiB %5.2f cores",
      absl::StrCat(Role::Kind_Name(member.member().role()), " ", member.member().index()),
      member.member().host().substr(0, 12), member.alive() ? "alive" : "gone",
      FormatDuration(member.seconds_since_registration()), absl::StrCat("v", VersionOf(member)),
      FormatNumber(rates.rate), member.report().usage().resident_bytes() >> 20, rates.cores);
  if (!member.alive()) return line;
  for (const Wait& wait : member.report().waits()) {
    absl::StrAppend(&line, "   waits for ", wait.on(), " since ", FormatNumber(wait.seconds()),
                    " s");
  }
  return line;
}

void AddEvents(const StatusReply& now, Lines* lines) {
  const int first = std::max(0, now.events_size() - kEvents);
  for (int i = now.events_size() - 1; i >= first; --i) {
    const Event& event = now.events(i);
    lines->push_back(absl::StrFormat(
        "  %s  %-8s %s",
        absl::FormatTime("%H:%M:%S",
                         absl::FromUnixMicros(static_cast<int64_t>(event.unix_seconds() * 1e6)),
                         absl::LocalTimeZone()),
        Event::Kind_Name(event.kind()), event.text()));
  }
}

// No more columns than the terminal has: a character may have several bytes.
std::string Cut(const std::string& line, size_t columns) {
  if (columns == 0) return line;
  size_t width = 0;
  for (size_t i = 0; i < line.size(); ++i) {
    const bool begins = (static_cast<unsigned char>(line[i]) & 0xC0) != 0x80;
    if (begins && width++ == columns) return line.substr(0, i);
  }
  return line;
}

}  // namespace

std::string TopText(const StatusReply& before, const StatusReply& now, size_t lines,
                    size_t columns) {
  const Earlier earlier(before);
  Lines head = ProgressBlock(now);
  AddBottleneck(before, now, &head);
  AddThreads(earlier, now, &head);
  Lines tail;
  AddEvents(now, &tail);
  if (!now.dashboard().empty()) tail.push_back(absl::StrCat("  dashboard: ", now.dashboard()));

  // Processes take the lines that are left.
  Lines members;
  for (const MemberStatus& member : now.members()) members.push_back(MemberLine(earlier, member));
  const size_t taken = head.size() + tail.size() + 1;
  if (lines > 0 && taken + members.size() > lines) {
    const size_t shown = std::max<size_t>(1, lines > taken + 1 ? lines - taken - 1 : 0);
    if (shown < members.size()) {
      const size_t hidden = members.size() - shown;
      members.resize(shown);
      members.push_back(absl::StrCat("  … and ", FormatCount(hidden), " more"));
    }
  }
  Lines all = std::move(head);
  all.insert(all.end(), members.begin(), members.end());
  all.insert(all.end(), tail.begin(), tail.end());
  if (lines > 0 && all.size() >= lines) all.resize(lines - 1);
  std::string text;
  for (const std::string& line : all) absl::StrAppend(&text, Cut(line, columns), "\n");
  return text;
}

}  // namespace drover
