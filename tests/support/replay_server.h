#ifndef DROVER_TESTS_SUPPORT_REPLAY_SERVER_H_
#define DROVER_TESTS_SUPPORT_REPLAY_SERVER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/identity.h"
#include "common/rpc/peer_stream.h"
#include "proto/coordinator.pb.h"
#include "proto/replay.pb.h"
#include "replay/replay_services.h"
#include "replay/store.h"

namespace drover::testing {

constexpr uint64_t kReplayEpoch = 10;
constexpr uint64_t kReplaySpecHash = 99;
// Members of a made-up run "run": actors 1 … 16, then learners, and an evaluator.
constexpr uint64_t kWriters = 16;
constexpr uint64_t kLearnerMember = kWriters + 1;  // the first
constexpr uint64_t kLearners = 4;
constexpr uint64_t kEvaluatorMember = kLearnerMember + kLearners;
MemberTable ReplayMembers(uint64_t version, uint64_t epoch = kReplayEpoch);
Identity ReplayIdentity(uint64_t member, uint64_t epoch = kReplayEpoch);

// A table of items of one step.
TableOptions SmallTable(const std::string& name, SelectorConfig::Kind sampler);

// A replay server of TestSpec()'s experience (tests/learner/unrolls.h) in this
// process, on a socket of its own, the same each time. One thread.
class ReplayServer {
 public:
  struct Options {
    std::vector<TableOptions> tables{SmallTable("table", SelectorConfig::uniform)};
    uint64_t max_frames = 1'000'000'000;
    uint8_t shard = 0;
    StreamLimits limits{};
  };

  ReplayServer() : ReplayServer(Options()) {}
  explicit ReplayServer(Options options);
  ~ReplayServer();

  void Serve();    // with the store that Restart() kept, or an empty one
  void Kill();     // a crash: streams break, what it had is gone
  void Restart();  // streams break, what it had stays

  const std::string& address() const { return address_; }
  Endpoint endpoint() const;
  PeerFn peer() const;  // finds it
  Store& store() { return *store_; }
  ReplayServices& services() { return *services_; }

  // Waits for it; false after 60 s.
  bool WaitFor(const std::function<bool(const InfoReply&)>& condition) const;

 private:
  const Options options_;
  const std::string address_;
  uint64_t life_ = 0;
  std::unique_ptr<Store> store_;
  std::unique_ptr<ReplayServices> services_;
};

}  // namespace drover::testing

#endif  // DROVER_TESTS_SUPPORT_REPLAY_SERVER_H_
