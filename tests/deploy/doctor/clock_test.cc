#include "deploy/doctor/clock.h"

#include "absl/time/clock.h"
#include "deploy/certificates.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using Level = Finding::Level;

TEST(ClockTest, ItCannotBeBeforeTheProgramWasMade) {
  const absl::Time now = absl::Now();
  EXPECT_EQ(CheckClock(now, now, true).level, Level::kOk);
  EXPECT_EQ(CheckClock(now, absl::InfinitePast(), true).level, Level::kOk);
  EXPECT_EQ(CheckClock(now, now, false).level, Level::kWarning);
  const Finding finding = CheckClock(absl::UnixEpoch() + absl::Hours(1), now, true);
  EXPECT_EQ(finding.level, Level::kWrong);
  EXPECT_EQ(finding.found.rfind("1970-01-01 01:00:00 UTC, but drover was made on ", 0), 0U)
      << finding.found;
  EXPECT_EQ(finding.mend, SetClock());
}

TEST(ClockTest, ThisKernelSaysSomething) {
  EXPECT_NE(SetClock(), "");
  ClockIsKept();
}

TEST(ClockTest, TwoClocks) {
  const absl::Time asked = absl::Now();
  const auto level = [&](absl::Duration ahead, absl::Duration took = absl::Milliseconds(10)) {
    return CheckClockOf("a", asked, asked + took / 2 + ahead, asked + took).level;
  };
  EXPECT_EQ(level(absl::ZeroDuration()), Level::kOk);
  EXPECT_EQ(level(absl::Seconds(1.9)), Level::kOk);
  EXPECT_EQ(level(absl::Seconds(2.1)), Level::kWarning);
  EXPECT_EQ(level(-absl::Seconds(2.1)), Level::kWarning);
  EXPECT_EQ(level(kClockTolerance - absl::Seconds(1)), Level::kWarning);
  EXPECT_EQ(level(kClockTolerance + absl::Seconds(1)), Level::kWrong);
  EXPECT_EQ(level(-kClockTolerance - absl::Seconds(1)), Level::kWrong);
  // What the call itself may account for is nobody's fault.
  EXPECT_EQ(level(absl::Seconds(3), absl::Seconds(4)), Level::kOk);
  const Finding finding = CheckClockOf("a", asked, asked - absl::Hours(1), asked);
  EXPECT_EQ(finding.what, "clock of a");
  EXPECT_EQ(finding.found.rfind("3600.000 s behind this one, ± 0.000 s", 0), 0U) << finding.found;
}

}  // namespace
}  // namespace drover
