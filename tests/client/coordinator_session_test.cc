#include "client/coordinator_session.h"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "common/mutex.h"
#include "gtest/gtest.h"
#include "tests/support/coordinator_server.h"

namespace drover {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using Seen = CoordinatorServer::Seen;

class CoordinatorSessionTest : public ::testing::Test {
 protected:
  CoordinatorSession::Options Options() {
    CoordinatorSession::Options options;
    options.coordinator = coordinator_.address();
    options.role = Role::actor;
    options.index = 2;
    return options;
  }

  std::unique_ptr<CoordinatorSession> Join(CoordinatorSession::Options options) {
    absl::StatusOr<std::unique_ptr<CoordinatorSession>> session =
        CoordinatorSession::Register(std::move(options));
    EXPECT_TRUE(session.ok()) << session.status();
    return session.ok() ? *std::move(session) : nullptr;
  }

  bool WaitForReports(size_t n) {
    return coordinator_.WaitFor([n](const Seen& seen) { return seen.reports.size() >= n; });
  }

  // Until the session ends for good; false after a minute.
  static bool WaitForEnd(const CoordinatorSession& session) {
    return session.WaitForDrain(minutes(1)) && !session.status().ok();
  }

  static Report Steps(uint64_t steps) {
    Report report;
    report.mutable_actor()->set_steps(steps);
    return report;
  }

  CoordinatorServer coordinator_{[] {
    Experiment experiment;
    experiment.set_name("cartpole");
    return experiment;
  }()};
};

TEST_F(CoordinatorSessionTest, RegistersAndRenewsWithReports) {
  coordinator_.Serve();
  const auto session = Join(Options());
  ASSERT_NE(session, nullptr);
  EXPECT_EQ(session->run().experiment().name(), "cartpole");
  EXPECT_EQ(session->identity().run_id, "run");
  EXPECT_EQ(session->identity().epoch, 1U);
  ASSERT_TRUE(WaitForReports(2));
  session->SetReport([] { return Steps(12); });
  EXPECT_TRUE(coordinator_.WaitFor(
      [](const Seen& seen) { return seen.reports.back().actor().steps() == 12; }));
  const Seen seen = coordinator_.seen();
  ASSERT_EQ(seen.registrations.size(), 1U);
  EXPECT_EQ(seen.registrations[0].role(), Role::actor);
  EXPECT_EQ(seen.registrations[0].index(), 2U);
  EXPECT_EQ(seen.registrations[0].pid(), getpid());
}

TEST_F(CoordinatorSessionTest, KeepsTheNewestTable) {
  coordinator_.Serve();
  Mutex mutex;
  std::vector<RunState::Kind> states;
  CoordinatorSession::Options options = Options();
  options.on_table = [&](const MemberTable& table) {
    MutexLock lock(&mutex);
    states.push_back(table.state());
  };
  const auto session = Join(options);
  EXPECT_TRUE(
      absl::IsUnavailable(session->WaitForPeer(Role::learner, 0, milliseconds(10)).status()));

  Endpoint learner;
  learner.add_addresses("127.0.0.1:1234");
  coordinator_.SetLearner(learner);
  EXPECT_EQ(session->WaitForPeer(Role::learner, 0, minutes(1)).value().addresses(0),
            "127.0.0.1:1234");
  EXPECT_FALSE(session->WaitForDrain(milliseconds(10)));
  coordinator_.SetState(RunState::draining);
  EXPECT_TRUE(session->WaitForDrain(minutes(1)));
  EXPECT_EQ(session->state(), RunState::draining);
  EXPECT_TRUE(session->status().ok());
  EXPECT_TRUE(session->Leave(Report(), seconds(10)).ok());
  MutexLock lock(&mutex);
  EXPECT_EQ(states.back(), RunState::draining);
}

TEST_F(CoordinatorSessionTest, AFencedMemberRegistersAgain) {
  coordinator_.Serve();
  const auto session = Join(Options());
  ASSERT_TRUE(WaitForReports(1));
  coordinator_.Fence();
  ASSERT_TRUE(coordinator_.WaitFor([](const Seen& seen) { return seen.epoch == 2; }));
  const size_t reports = coordinator_.seen().reports.size();
  ASSERT_TRUE(WaitForReports(reports + 2));
  EXPECT_EQ(session->identity().epoch, 2U);
  EXPECT_GT(session->identity().table_version, 1U);
  EXPECT_TRUE(session->status().ok());
}

TEST_F(CoordinatorSessionTest, AReplacedMemberEnds) {
  coordinator_.Serve();
  Mutex mutex;
  absl::Status over;
  CoordinatorSession::Options options = Options();
  options.on_over = [&](const absl::Status& status) {
    MutexLock lock(&mutex);
    over = status;
  };
  const auto session = Join(options);
  coordinator_.RefuseRegistration({grpc::StatusCode::FAILED_PRECONDITION, "another lives"});
  coordinator_.Fence();
  ASSERT_TRUE(WaitForEnd(*session));
  EXPECT_TRUE(absl::IsFailedPrecondition(session->status()));
  EXPECT_TRUE(
      absl::IsFailedPrecondition(session->WaitForPeer(Role::learner, 0, minutes(1)).status()));
  EXPECT_FALSE(session->Leave(Report(), seconds(10)).ok());
  MutexLock lock(&mutex);
  EXPECT_EQ(over.message(), "another lives");
}

TEST_F(CoordinatorSessionTest, TheLastTableHoldsWhileTheCoordinatorIsDown) {
  coordinator_.Serve();
  Endpoint learner;
  learner.add_addresses("127.0.0.1:1234");
  coordinator_.SetLearner(learner);
  const auto session = Join(Options());
  ASSERT_TRUE(session->WaitForPeer(Role::learner, 0, minutes(1)).ok());
  ASSERT_TRUE(WaitForReports(1));
  coordinator_.Kill();
  std::this_thread::sleep_for(milliseconds(400));  // some failed renewals
  EXPECT_TRUE(session->status().ok());
  EXPECT_TRUE(session->WaitForPeer(Role::learner, 0, milliseconds(0)).ok());
  const size_t reports = coordinator_.seen().reports.size();
  learner.set_addresses(0, "127.0.0.1:5678");
  coordinator_.SetLearner(learner);
  coordinator_.Serve();
  EXPECT_TRUE(WaitForReports(reports + 2));
  while (session->WaitForPeer(Role::learner, 0, minutes(1)).value().addresses(0) !=
         "127.0.0.1:5678") {
    std::this_thread::yield();
  }
  EXPECT_EQ(coordinator_.seen().registrations.size(), 1U);
}

TEST_F(CoordinatorSessionTest, ACoordinatorOfAnotherRunEndsIt) {
  coordinator_.Serve();
  const auto session = Join(Options());
  coordinator_.SetRunId("another run");
  EXPECT_TRUE(WaitForEnd(*session));
  EXPECT_TRUE(absl::IsFailedPrecondition(session->status()));
}

TEST_F(CoordinatorSessionTest, LeavesWithTheLastReport) {
  coordinator_.Serve();
  const auto session = Join(Options());
  EXPECT_TRUE(session->Leave(Steps(99), minutes(1)).ok());
  const Seen seen = coordinator_.seen();
  ASSERT_EQ(seen.goodbyes.size(), 1U);
  EXPECT_EQ(seen.goodbyes[0].actor().steps(), 99U);
}

TEST_F(CoordinatorSessionTest, TellsWhichReportsArrived) {
  coordinator_.Serve();
  const auto session = Join(Options());
  Mutex mutex;
  uint64_t made = 0;
  uint64_t arrived = 0;
  session->SetReport(
      [&] {
        MutexLock lock(&mutex);
        return Steps(++made);
      },
      [&] {
        MutexLock lock(&mutex);
        ++arrived;
      });
  ASSERT_TRUE(coordinator_.WaitFor([](const Seen& seen) {
    return !seen.reports.empty() && seen.reports.back().actor().steps() >= 3;
  }));
  session->SetReport(nullptr);
  MutexLock lock(&mutex);
  EXPECT_GE(arrived, 2U);
  EXPECT_LE(arrived, made);
}

}  // namespace
}  // namespace drover
