#include "learner/credit_ledger.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace drover {
namespace {

// Sum of what was granted to `stream` in `grants`.
int64_t Granted(const std::vector<CreditLedger::Grant>& grants, CreditLedger::StreamId stream) {
  int64_t unrolls = 0;
  for (const auto& grant : grants) unrolls += grant.stream == stream ? grant.unrolls : 0;
  return unrolls;
}

TEST(CreditLedger, OneStreamLeavesRoomForOthers) {
  CreditLedger ledger(/*max_policy_lag=*/4, /*batch=*/8);
  ledger.Join(1, 4);
  EXPECT_EQ(Granted(ledger.Distribute(), 1), 16);  // half of the capacity
  ledger.Join(2, 4);
  EXPECT_EQ(Granted(ledger.Distribute(), 2), 16);
  EXPECT_EQ(ledger.in_flight(), 32);
  EXPECT_TRUE(ledger.Distribute().empty());
}

TEST(CreditLedger, OneStreamFillsABatchWithoutLag) {
  CreditLedger ledger(1, 8);
  ledger.Join(1, 4);
  EXPECT_EQ(Granted(ledger.Distribute(), 1), 8);
}

TEST(CreditLedger, CreditsComeBackWhenUnrollsAreDoneWith) {
  CreditLedger ledger(1, 8);
  ledger.Join(1, 4);
  ledger.Distribute();
  ASSERT_TRUE(ledger.Receive(1, 4));
  EXPECT_EQ(ledger.in_flight(), 4);
  EXPECT_EQ(ledger.queued(), 4);
  EXPECT_TRUE(ledger.Distribute().empty());
  ledger.Release(4);
  EXPECT_EQ(Granted(ledger.Distribute(), 1), 4);
}

TEST(CreditLedger, InLockstepEachStreamHasOneTurnARound) {
  CreditLedger ledger(1, 8, /*lockstep=*/true);
  ledger.Join(1, 4);
  EXPECT_EQ(Granted(ledger.Distribute(), 1), 4);
  ASSERT_TRUE(ledger.Receive(1, 4));
  EXPECT_TRUE(ledger.Distribute().empty());  // the other half is another's
  ledger.Join(2, 4);
  EXPECT_EQ(Granted(ledger.Distribute(), 2), 4);
  ASSERT_TRUE(ledger.Receive(2, 4));
  ledger.Release(8);
  EXPECT_TRUE(ledger.Distribute().empty());
  ledger.AnotherTurn(2);
  EXPECT_EQ(Granted(ledger.Distribute(), 2), 4);
  ledger.Join(3, 4, /*waits=*/true);
  EXPECT_TRUE(ledger.Distribute().empty());
  ledger.Leave(3);
  ASSERT_TRUE(ledger.Receive(2, 4));
  ledger.Release(4);
  ledger.NextTurns();
  const auto grants = ledger.Distribute();
  EXPECT_EQ(Granted(grants, 1), 4);
  EXPECT_EQ(Granted(grants, 2), 4);
}

TEST(CreditLedger, MoreThanGrantedIsRefused) {
  CreditLedger ledger(1, 8);
  EXPECT_FALSE(ledger.Receive(1, 4));
  ledger.Join(1, 4);
  EXPECT_FALSE(ledger.Receive(1, 4));
  ledger.Distribute();
  EXPECT_FALSE(ledger.Receive(1, 12));
  EXPECT_EQ(ledger.in_flight(), 8);
  EXPECT_EQ(ledger.queued(), 0);
}

TEST(CreditLedger, ADeadStreamsCreditsReturnButNotItsQueuedUnrolls) {
  CreditLedger ledger(1, 8);
  ledger.Join(1, 4);
  ledger.Distribute();
  ASSERT_TRUE(ledger.Receive(1, 4));
  ledger.Leave(1);
  ledger.Leave(1);
  EXPECT_EQ(ledger.in_flight(), 0);
  EXPECT_EQ(ledger.queued(), 4);
  ledger.Join(2, 4);
  EXPECT_EQ(Granted(ledger.Distribute(), 2), 4);
}

TEST(CreditLedger, MoreActorsThanCreditsTakeTurns) {
  CreditLedger ledger(1, 2);
  for (uint64_t stream = 1; stream <= 7; ++stream) ledger.Join(stream, 1);
  std::map<uint64_t, int> turns;
  for (int i = 0; i < 7 * 10; ++i) {
    for (const auto& grant : ledger.Distribute()) {
      EXPECT_EQ(grant.unrolls, 1);
      ++turns[grant.stream];
      ASSERT_TRUE(ledger.Receive(grant.stream, 1));
      ledger.Release(1);
    }
  }
  ASSERT_EQ(turns.size(), 7U);
  for (const auto& [stream, count] : turns) EXPECT_EQ(count, turns[1]) << stream;
}

TEST(CreditLedger, NobodyOvertakesAStreamThatNeedsMore) {
  CreditLedger ledger(1, 4);
  ledger.Join(1, 1);
  ledger.Distribute();  // all four
  ledger.Join(2, 3);
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(ledger.Receive(1, 1));
    ledger.Release(1);
    const auto grants = ledger.Distribute();
    EXPECT_EQ(Granted(grants, 1), 0) << i;
    EXPECT_EQ(Granted(grants, 2), i == 2 ? 3 : 0) << i;
  }
}

TEST(CreditLedger, SaysWhichSizesCanBlock) {
  EXPECT_TRUE(CreditLedger::CheckProgress(16, 64, 1).ok());
  EXPECT_TRUE(CreditLedger::CheckProgress(48, 64, 2).ok());
  const absl::Status status = CreditLedger::CheckProgress(48, 64, 1);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("multiple of 48"), absl::string_view::npos) << status;
}

// What CheckProgress lets through never blocks, what it refuses can.
TEST(CreditLedger, CheckProgressIsExact) {
  for (int64_t environments = 1; environments <= 12; ++environments) {
    for (int64_t batch = 1; batch <= 9; ++batch) {
      for (int64_t lag = 1; lag <= 3; ++lag) {
        bool blocked = false;
        CreditLedger ledger(lag, batch);
        ledger.Join(1, environments);
        for (int batches = 0; batches < 40 && !blocked; ++batches) {
          while (ledger.queued() < batch) {
            ledger.Distribute();
            if (!ledger.Receive(1, environments)) {
              blocked = true;
              break;
            }
          }
          if (!blocked) ledger.Release(batch);
        }
        EXPECT_EQ(!blocked, CreditLedger::CheckProgress(environments, batch, lag).ok())
            << environments << " " << batch << " " << lag;
      }
    }
  }
}

// Many actors that come, act, send and die at random.
TEST(CreditLedger, NeverMoreUnderWayThanTheCapacity) {
  std::mt19937 random(1);
  const auto draw = [&](uint64_t n) {
    return std::uniform_int_distribution<uint64_t>(0, n - 1)(random);
  };
  CreditLedger ledger(3, 40);
  std::map<uint64_t, int64_t> held;  // what each actor believes it may send
  std::map<uint64_t, int64_t> environments;
  uint64_t next = 1;
  int64_t trained = 0;
  for (int step = 0; step < 100000; ++step) {
    const uint64_t what = draw(100);
    if (what < 3 && held.size() < 60) {
      environments[next] = static_cast<int64_t>(1 + draw(9));
      held[next] = 0;
      ledger.Join(next, environments[next]);
      ++next;
    } else if (what < 4 && !held.empty()) {
      auto gone = std::next(held.begin(), static_cast<int64_t>(draw(held.size())));
      ledger.Leave(gone->first);
      held.erase(gone);
    } else if (what < 80 && !held.empty()) {
      auto sender = std::next(held.begin(), static_cast<int64_t>(draw(held.size())));
      const int64_t unrolls = environments[sender->first];
      ASSERT_EQ(ledger.Receive(sender->first, unrolls), sender->second >= unrolls);
      if (sender->second >= unrolls) sender->second -= unrolls;
    } else if (ledger.queued() >= 40) {
      ledger.Release(40);
      trained += 40;
    }
    for (const auto& grant : ledger.Distribute()) {
      ASSERT_EQ(grant.unrolls % environments[grant.stream], 0);
      held[grant.stream] += grant.unrolls;
    }
    int64_t sum = 0;
    for (const auto& [stream, unrolls] : held) sum += unrolls;
    ASSERT_EQ(ledger.in_flight(), sum);
    ASSERT_LE(ledger.in_flight() + ledger.queued(), 3 * 40);
  }
  EXPECT_GT(trained, 1000);
}

}  // namespace
}  // namespace drover
