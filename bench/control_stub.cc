#include "bench/control_stub.h"

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "client/coordinator_session.h"
#include "client/report_histogram.h"
#include "client/report_wait.h"
#include "common/clock.h"
#include "common/rpc/address.h"
#include "common/status_macros.h"
#include "common/tally.h"

namespace drover {
namespace {

constexpr char kNowhere[] = "127.0.0.1:9";  // nobody asks the learner for anything
constexpr double kStepsPerSecond = 50;      // of a slow environment
constexpr double kEpisodeSteps = 200;
constexpr double kUpdatesPerSecond = 20;
constexpr std::chrono::milliseconds kLook{100};

// As large as an actor's: what it says after so many seconds of work.
Report ActorReportAfter(double seconds) {
  Report report;
  const double steps = seconds * kStepsPerSecond;
  report.mutable_actor()->set_steps(static_cast<uint64_t>(steps));
  report.mutable_actor()->set_episodes(static_cast<uint64_t>(steps / kEpisodeSteps));
  report.mutable_actor()->set_version(1 + static_cast<uint64_t>(seconds * kUpdatesPerSecond));
  auto& metrics = *report.mutable_metrics();
  metrics["clock_seconds"] = MonotonicSeconds();
  metrics["environment_seconds"] = 0.9 * seconds;
  metrics["inference_seconds"] = 0.05 * seconds;
  metrics["encode_seconds"] = 0.01 * seconds;
  metrics["wait_seconds"] = 0.04 * seconds;
  metrics["sent_messages"] = seconds;
  metrics["lost_messages"] = 0;
  metrics["rejected_messages"] = 0;
  metrics["connections"] = 1;
  Tally unrolls(SecondsBounds());
  unrolls.Observe(1.0, static_cast<uint64_t>(seconds));
  AddHistogram("unroll_seconds", unrolls, &report);
  AddWait("newer weights", 0.01, &report);
  return report;
}

Report LearnerReportAfter(double seconds) {
  Report report;
  LearnerReport& learner = *report.mutable_learner();
  const auto updates = static_cast<uint64_t>(seconds * kUpdatesPerSecond);
  learner.set_frames(1000 * updates);
  learner.set_trained_frames(1000 * updates);
  learner.set_updates(updates);
  learner.set_version(updates);
  learner.set_seconds(seconds);
  auto& metrics = *report.mutable_metrics();
  for (const char* part :
       {"clock", "receive", "assemble", "forward_backward", "optimiser", "publish", "wait"}) {
    metrics[std::string(part) + "_seconds"] = seconds / 6;
  }
  Tally lag(LagBounds());
  lag.Observe(1.0, updates);
  AddHistogram("policy_lag_versions", lag, &report);
  return report;
}

absl::StatusOr<std::unique_ptr<CoordinatorSession>> Join(const ControlStubOptions& stub,
                                                         Role::Kind role, uint32_t index,
                                                         const std::function<bool()>& stop) {
  CoordinatorSession::Options options;
  options.coordinator = stub.coordinator;
  options.role = role;
  options.index = index;
  options.own_connection = true;
  options.give_up = stop;
  if (role == Role::learner) options.endpoint = LocalEndpoint({kNowhere});
  DROVER_ASSIGN_OR_RETURN(std::unique_ptr<CoordinatorSession> session,
                          CoordinatorSession::Register(std::move(options)));
  session->SetReport([role, since = MonotonicSeconds()] {
    const double seconds = MonotonicSeconds() - since;
    return role == Role::learner ? LearnerReportAfter(seconds) : ActorReportAfter(seconds);
  });
  return session;
}

}  // namespace

absl::Status RunControlStub(const ControlStubOptions& options, const std::function<bool()>& stop) {
  std::vector<std::unique_ptr<CoordinatorSession>> sessions;
  const auto join = [&](Role::Kind role, uint32_t index) -> absl::Status {
    DROVER_ASSIGN_OR_RETURN(sessions.emplace_back(), Join(options, role, index, stop));
    return absl::OkStatus();
  };
  if (options.learner) DROVER_RETURN_IF_ERROR(join(Role::learner, 0));
  for (int i = 0; i < options.actors; ++i) {
    DROVER_RETURN_IF_ERROR(join(Role::actor, options.first_actor + static_cast<uint32_t>(i)));
  }
  while (!stop()) {
    for (const auto& session : sessions) DROVER_RETURN_IF_ERROR(session->status());
    std::this_thread::sleep_for(kLook);
  }
  return absl::OkStatus();
}

}  // namespace drover
