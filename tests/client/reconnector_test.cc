#include "client/reconnector.h"

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/mutex.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

// Notes what a Reconnector does, and tells it how its streams end.
class Script {
 public:
  explicit Script(std::vector<absl::Status> ends) : ends_(std::move(ends)) {}

  absl::Status Serve(const Endpoint& server) {
    MutexLock lock(&mutex_);
    served_.push_back(server.addresses(0));
    changed_.NotifyAll();
    if (served_.size() > ends_.size()) return absl::UnavailableError("broken");
    return ends_[served_.size() - 1];
  }

  void Over(const absl::Status& status) {
    MutexLock lock(&mutex_);
    over_.push_back(status);
    changed_.NotifyAll();
  }

  bool WaitFor(size_t served, size_t over) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    MutexLock lock(&mutex_);
    while (served_.size() < served || over_.size() < over) {
      if (!changed_.WaitUntil(&mutex_, deadline)) return false;
    }
    return true;
  }

  std::vector<std::string> served() {
    MutexLock lock(&mutex_);
    return served_;
  }
  std::vector<absl::Status> over() {
    MutexLock lock(&mutex_);
    return over_;
  }

 private:
  const std::vector<absl::Status> ends_;
  Mutex mutex_;
  CondVar changed_;
  std::vector<std::string> served_ DROVER_GUARDED_BY(mutex_);
  std::vector<absl::Status> over_ DROVER_GUARDED_BY(mutex_);
};

Reconnector::ServeFn ServeBy(Script* script) {
  return [script](const Endpoint& server, const std::function<void()>&) {
    return script->Serve(server);
  };
}

std::function<void(const absl::Status&)> OverBy(Script* script) {
  return [script](const absl::Status& status) { script->Over(status); };
}

PeerFn At(const std::string& address) {
  return [address](std::chrono::milliseconds) {
    Endpoint endpoint;
    endpoint.add_addresses(address);
    return endpoint;
  };
}

TEST(ReconnectorTest, TriesAgainUntilStopped) {
  Script script({absl::UnavailableError("gone"), absl::NotFoundError("who?"),
                 absl::FailedPreconditionError("fenced")});
  Reconnector reconnector("stream", At("a"), ServeBy(&script), OverBy(&script));
  EXPECT_TRUE(script.WaitFor(4, 0));
  reconnector.Stop();
  EXPECT_TRUE(script.over().empty());
}

TEST(ReconnectorTest, EndsWhenTheSameWordsWouldMeetTheSameAnswer) {
  for (const absl::Status& status : {absl::InvalidArgumentError("malformed"),
                                     absl::ResourceExhaustedError("too large"), absl::OkStatus()}) {
    Script script({absl::UnavailableError("gone"), status});
    Reconnector reconnector("stream", At("a"), ServeBy(&script), OverBy(&script));
    EXPECT_TRUE(script.WaitFor(2, 1)) << status;
    reconnector.Stop();
    EXPECT_EQ(script.over(), std::vector<absl::Status>{status});
    EXPECT_EQ(script.served().size(), 2U);
  }
}

TEST(ReconnectorTest, AsksForTheServerEachTime) {
  int asked = 0;
  const PeerFn peer = [&asked](std::chrono::milliseconds) -> absl::StatusOr<Endpoint> {
    if (++asked == 2) return absl::UnavailableError("none yet");
    Endpoint endpoint;
    endpoint.add_addresses(std::to_string(asked));
    return endpoint;
  };
  Script script({absl::UnavailableError("gone"), absl::OkStatus()});
  Reconnector reconnector("stream", peer, ServeBy(&script), OverBy(&script));
  EXPECT_TRUE(script.WaitFor(2, 1));
  EXPECT_EQ(script.served(), (std::vector<std::string>{"1", "3"}));
}

TEST(ReconnectorTest, EndsWithWhoeverFindsTheServer) {
  Script script({});
  Reconnector reconnector(
      "stream",
      [](std::chrono::milliseconds) { return absl::FailedPreconditionError("the run has ended"); },
      ServeBy(&script), OverBy(&script));
  EXPECT_TRUE(script.WaitFor(0, 1));
  EXPECT_TRUE(absl::IsFailedPrecondition(script.over()[0]));
  EXPECT_TRUE(script.served().empty());
}

}  // namespace
}  // namespace drover
