// Unroll messages of E environments over a Unix socket, from an actor's stream to a learner's
// receiver, both in this process. Items are messages.

#include <benchmark/benchmark.h>

#include <chrono>
#include <memory>
#include <thread>

#include "client/trajectory_stream.h"
#include "common/check.h"
#include "common/file.h"
#include "common/rpc/address.h"
#include "learner/learner_services.h"
#include "tests/bench/cartpole_unrolls.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr uint64_t kSpecHash = 1;
constexpr int kMessagesInFlight = 8;

MemberTable OneActor() {
  MemberTable table;
  table.set_run_id("bench");
  table.set_version(1);
  Member* actor = table.add_members();
  actor->set_member_id(1);
  actor->set_epoch(1);
  actor->set_role(Role::actor);
  return table;
}

// A learner that drops what it receives, and gives the credits back.
class Learner {
 public:
  Learner(const std::string& address, int64_t environments)
      : services_(*LearnerServices::Start({{address}})) {
    services_->SetTable(OneActor());
    services_->receiver()->SetVersion(1);
    services_->receiver()->Open(
        {*UnrollLayout::Make(testing::CartPoleSpec()), kSpecHash, testing::kActions, environments,
         environments * kMessagesInFlight / 4, /*max_policy_lag=*/4, uint64_t{1} << 60},
        {}, &queue_, &episodes_);
    consumer_ = std::thread([this, environments] {
      while (queue_.Pop()) services_->receiver()->Release(environments);
    });
  }
  ~Learner() {
    services_->Shutdown(std::chrono::milliseconds(0));
    queue_.Close();
    consumer_.join();
  }

  TrajectoryCounters counters() { return services_->receiver()->counters(); }

 private:
  UnrollQueue queue_{kMessagesInFlight};
  EpisodeStatistics episodes_{100};
  const std::unique_ptr<LearnerServices> services_;
  std::thread consumer_;
};

void SendUnrolls(benchmark::State& state) {
  const TempDirectory directory = *TempDirectory::Make();
  const std::string address = "unix:" + directory.path() + "/learner.sock";
  Learner learner(address, state.range(0));
  TrajectoryStream stream({[] {
                             return Identity{"bench", 1, 1, 1};
                           },
                           [&](std::chrono::milliseconds) -> absl::StatusOr<Endpoint> {
                             return LocalEndpoint({address});
                           },
                           kSpecHash, static_cast<uint32_t>(state.range(0)), PulseLimits()});
  Unrolls unrolls = testing::CartPoleUnrolls(static_cast<int>(state.range(0)));
  for (auto unused : state) {
    const absl::Status status = stream.AcquireCredits(Clock::now() + std::chrono::seconds(60));
    DROVER_CHECK(status.ok()) << status.message();
    DROVER_CHECK(stream.Send(&unrolls).ok());
  }
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(unrolls.ByteSizeLong()));
  stream.Stop();
  DROVER_CHECK(learner.counters().refused_streams + learner.counters().rejected_unrolls == 0);
}
BENCHMARK(SendUnrolls)->Arg(16)->Arg(256)->UseRealTime();

}  // namespace
}  // namespace drover
