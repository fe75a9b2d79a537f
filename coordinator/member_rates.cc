#include "coordinator/member_rates.h"

#include <algorithm>

#include "client/thread_parts.h"

namespace drover {
namespace {

// What its rate counts.
double TotalOf(const Report& report) {
  if (report.has_actor()) return static_cast<double>(report.actor().steps());
  if (report.has_learner()) return static_cast<double>(report.learner().frames());
  double samples = 0;
  for (const ReplayTableReport& table : report.replay().tables()) {
    samples += static_cast<double>(table.samples());
  }
  return samples;
}

// Since `then`, which may be of an earlier life.
double Growth(double then, double now) { return now >= then ? now - then : now; }

}  // namespace

RunRates RatesOf(const Earlier& earlier, const StatusReply& now) {
  RunRates rates;
  const LearnerReport& before = earlier.status().learner();
  const double seconds = Growth(before.seconds(), now.learner().seconds());
  if (seconds > 0) {
    rates.trained = Growth(static_cast<double>(before.trained_frames()),
                           static_cast<double>(now.learner().trained_frames())) /
                    seconds;
  }
  double inserts = 0;
  double samples = 0;
  for (const MemberStatus& member : now.members()) {
    for (const ReplayTableReport& table : member.report().replay().tables()) {
      inserts += static_cast<double>(table.inserts());
      samples += static_cast<double>(table.samples());
    }
  }
  if (inserts > 0) rates.samples_per_insert = samples / inserts;
  return rates;
}

MemberRates RatesOf(const Earlier& earlier, const MemberStatus& now) {
  MemberRates rates;
  if (!now.alive()) return rates;
  const MemberStatus* const before = earlier.Of(now);
  const Report& then = earlier.ReportOf(now);
  const double seconds =
      before == nullptr ? now.seconds_since_registration()
                        : now.seconds_since_registration() - before->seconds_since_registration();
  if (seconds <= 0) return rates;
  rates.rate = Growth(TotalOf(then), TotalOf(now.report())) / seconds;
  rates.cores = Growth(then.usage().cpu_seconds(), now.report().usage().cpu_seconds()) / seconds;
  return rates;
}

uint64_t VersionOf(const MemberStatus& member) {
  if (member.report().has_actor()) return member.report().actor().version();
  return member.report().learner().version();
}

}  // namespace drover
