#include "learner/intake.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

using Verdict = Intake::Verdict;

// Messages of 2 unrolls and 6 frames; credits for 4 * 2 messages.
Intake MakeIntake(uint64_t max_frames, ReceivedTotals totals = {}) {
  Intake intake({2, 6, max_frames, /*batch=*/4, /*max_policy_lag=*/4}, std::move(totals));
  intake.ledger().Join(1, 2);
  intake.Grants();
  return intake;
}

TEST(Intake, CountsEachSequenceOnce) {
  Intake intake = MakeIntake(1000);
  EXPECT_EQ(intake.Take(1, /*member=*/9, 1, true), Verdict::kAccept);
  EXPECT_EQ(intake.Take(1, 9, 1, true), Verdict::kIgnore);
  EXPECT_EQ(intake.Take(1, 9, 3, true), Verdict::kAccept);
  EXPECT_EQ(intake.Take(1, 9, 2, true), Verdict::kIgnore);
  EXPECT_EQ(intake.last_sequence(9), 3U);
  EXPECT_EQ(intake.last_sequence(8), 0U);
  EXPECT_EQ(intake.totals().frames, 12U);
  EXPECT_EQ(intake.ledger().queued(), 4);
}

TEST(Intake, KnowsHowManyNumbersCountNoFrames) {
  Intake intake = MakeIntake(1000, {60, {{9, 12}}, 2});
  EXPECT_EQ(intake.Take(1, 9, 12, true), Verdict::kIgnore);
  EXPECT_EQ(intake.Take(1, 9, 13, true), Verdict::kAccept);
  EXPECT_EQ(intake.totals().missing, 2U);
  EXPECT_EQ(intake.Take(1, 9, 17, true), Verdict::kAccept);  // 14, 15, 16 were lost
  EXPECT_EQ(intake.totals().missing, 5U);
  EXPECT_EQ(intake.Take(1, 9, 18, false), Verdict::kReject);
  EXPECT_EQ(intake.totals().missing, 6U);
  EXPECT_EQ(intake.totals().frames, (18 - 6) * 6U);
}

TEST(Intake, TheSameSequenceOnAnotherStreamOfTheMember) {
  Intake intake = MakeIntake(1000);
  EXPECT_EQ(intake.Take(1, 9, 1, true), Verdict::kAccept);
  intake.ledger().Leave(1);
  intake.ledger().Join(2, 2);
  intake.Grants();
  EXPECT_EQ(intake.Take(2, 9, 1, true), Verdict::kIgnore);
  EXPECT_EQ(intake.Take(2, 9, 2, true), Verdict::kAccept);
}

TEST(Intake, RejectedOnesAreNeverToBeSentAgain) {
  Intake intake = MakeIntake(1000);
  EXPECT_EQ(intake.Take(1, 9, 1, false), Verdict::kReject);
  EXPECT_EQ(intake.Take(1, 9, 1, true), Verdict::kIgnore);
  EXPECT_EQ(intake.totals().frames, 0U);
  EXPECT_EQ(intake.ledger().queued(), 0);
}

TEST(Intake, NothingWithoutCredits) {
  Intake intake = MakeIntake(1000);
  EXPECT_EQ(intake.Take(2, 9, 1, true), Verdict::kTooMany);
  for (uint64_t i = 1; i <= 4; ++i) EXPECT_EQ(intake.Take(1, 9, i, true), Verdict::kAccept);
  EXPECT_EQ(intake.Take(1, 9, 5, true), Verdict::kTooMany);
  EXPECT_EQ(intake.last_sequence(9), 4U);
  EXPECT_EQ(intake.totals().frames, 24U);
}

TEST(Intake, NoFrameAboveTheBudget) {
  for (const uint64_t budget : {17U, 18U, 19U, 23U}) {
    Intake intake = MakeIntake(budget);
    const uint64_t fit = budget / 6;
    for (uint64_t i = 1; i <= 4; ++i) {
      EXPECT_EQ(intake.budget_spent(), i > fit) << budget << " " << i;
      EXPECT_EQ(intake.Take(1, 9, i, true), i <= fit ? Verdict::kAccept : Verdict::kIgnore);
    }
    EXPECT_EQ(intake.totals().frames, fit * 6);
  }
}

TEST(Intake, GoesOnFromACheckpoint) {
  Intake intake = MakeIntake(18, {12, {{9, 5}}});
  EXPECT_EQ(intake.Take(1, 9, 5, true), Verdict::kIgnore);
  EXPECT_EQ(intake.Take(1, 9, 6, true), Verdict::kAccept);
  EXPECT_TRUE(intake.budget_spent());
  EXPECT_EQ(intake.totals().frames, 18U);
}

TEST(Intake, StoppedItCountsAndGrantsNothing) {
  Intake intake = MakeIntake(1000);
  intake.Stop();
  EXPECT_EQ(intake.Take(1, 9, 1, true), Verdict::kIgnore);
  EXPECT_EQ(intake.totals().frames, 0U);
  EXPECT_GT(intake.ledger().capacity(), intake.ledger().in_flight() + intake.ledger().queued());
  EXPECT_TRUE(intake.Grants().empty());
}

}  // namespace
}  // namespace drover
