#include "deploy/doctor/clock.h"

#include <sys/timex.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "deploy/certificates.h"
#include "deploy/doctor/program.h"

namespace drover {
namespace {

constexpr absl::Duration kApart = absl::Seconds(2);

}  // namespace

std::string SetClock() {
  return FirstOf({{"chronyc", "chronyc makestep"}, {"timedatectl", "timedatectl set-ntp true"}},
                 "apt-get install chrony && chronyc makestep");
}

bool ClockIsKept() {
  timex state{};
  return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

Finding CheckClock(absl::Time now, absl::Time written, bool kept) {
  const std::string what = "clock";
  const std::string found = absl::FormatTime("%Y-%m-%d %H:%M:%S UTC", now, absl::UTCTimeZone());
  if (now < written - kClockTolerance) {
    return Wrong(what,
                 absl::StrCat(found, ", but drover was made on ",
                              absl::FormatTime("%Y-%m-%d", written, absl::UTCTimeZone())),
                 SetClock());
  }
  if (!kept) return Warning(what, absl::StrCat(found, ", which nothing keeps right"), SetClock());
  return Ok(what, found);
}

Finding CheckClockOf(const std::string& peer, absl::Time asked, absl::Time told, absl::Time heard) {
  const std::string what = absl::StrCat("clock of ", peer);
  const absl::Duration ahead = told - (asked + (heard - asked) / 2);
  const absl::Duration unsure = (heard - asked) / 2;
  const absl::Duration apart = std::max(absl::AbsDuration(ahead) - unsure, absl::ZeroDuration());
  const std::string found = absl::StrFormat(
      "%.3f s %s this one, ± %.3f s", absl::ToDoubleSeconds(absl::AbsDuration(ahead)),
      ahead < absl::ZeroDuration() ? "behind" : "ahead of", absl::ToDoubleSeconds(unsure));
  const std::string mend = absl::StrCat(SetClock(), "  # on the host whose clock is wrong");
  if (apart > kClockTolerance) {
    return Wrong(what, absl::StrCat(found, ": new certificates are not valid there, or here"),
                 mend);
  }
  if (apart > kApart) return Warning(what, found, mend);
  return Ok(what, found);
}

}  // namespace drover
