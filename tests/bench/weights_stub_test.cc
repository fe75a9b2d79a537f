#include "bench/weights_stub.h"

#include <gtest/gtest.h>

#include <map>
#include <thread>

#include "bench/latency.h"
#include "common/clock.h"
#include "common/file.h"
#include "learner/learner_services.h"

namespace drover {
namespace {

constexpr uint64_t kBytes = 3'000'000;  // three chunks

TEST(WeightsStubTest, EverySubscriberTakesTheVersionsAndSaysWhen) {
  const TempDirectory directory = *TempDirectory::Make();
  const std::string address = "unix:" + directory.path() + "/weights.sock";
  const auto services = *LearnerServices::Start({{address}});
  services->publisher()->Open(kBenchLayout);
  MemberTable table;
  table.set_run_id(kBenchRunId);
  table.set_version(1);
  for (uint64_t id = 5; id < 8; ++id) {
    Member* member = table.add_members();
    member->set_member_id(id);
    member->set_epoch(kBenchEpoch);
    member->set_role(Role::actor);
  }
  services->SetTable(table);

  std::map<uint64_t, double> published;
  const WeightsPublisher& publisher = *services->publisher();
  const double deadline = MonotonicSeconds() + 60;
  std::thread publishing([&] {
    for (uint64_t version = 1; version <= 3; ++version) {
      while (publisher.counters().waiting < 3 && MonotonicSeconds() < deadline) {
        std::this_thread::yield();
      }
      published[version] = MonotonicSeconds();
      services->publisher()->Publish({version, 0, 0}, std::string(kBytes, 'x'));
    }
    while (publisher.counters().waiting < 3 && MonotonicSeconds() < deadline) {
      std::this_thread::yield();
    }
  });
  // All have taken the last once they ask for more; a look later it is written down.
  int looks = 0;
  const auto taken = RunWeightsStub({address, 5, 3, kBytes, std::chrono::microseconds(100)}, [&] {
    const bool all = publisher.counters().encodings == 3 && publisher.counters().waiting == 3;
    return (all && ++looks > 1) || MonotonicSeconds() > deadline;
  });
  publishing.join();
  ASSERT_TRUE(taken.ok()) << taken.status();
  const auto latencies = MeasureLatencies(published, 3, *taken);
  ASSERT_TRUE(latencies.ok()) << latencies.status();
  EXPECT_EQ(latencies->samples, 9U);
  EXPECT_GT(latencies->median, 0);
  EXPECT_EQ(publisher.counters().encodings, 3U);
}

}  // namespace
}  // namespace drover
