// The coordinator's calls, one after the other at one real CoordinatorService, with what becomes of
// them: status, a line of metrics.jsonl, summary.json.

#include <grpcpp/test/default_reactor_test_peer.h>

#include <memory>
#include <nlohmann/json.hpp>

#include "cli/status_text.h"
#include "common/check.h"
#include "common/rpc/wire.h"
#include "coordinator/metrics_log.h"
#include "coordinator/service.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/in_memory_call.h"
#include "tests/fuzz/steps.h"

namespace drover::fuzz {
namespace {

enum What : unsigned char {
  kRegister,
  kRenew,
  kWatch,
  kLeave,
  kStatus,
  kStop,
  kScale,
  kTick,
  kEnd
};

class Session {
 public:
  // Leases run out at once, or not at all.
  explicit Session(bool short_leases)
      : service_([&] {
          TrainingRun::Options options;
          options.memory.set_run_id("run");
          options.experiment.mutable_target()->set_return_(10);
          options.experiment.mutable_target()->set_source(Target::Source::evaluator);
          options.membership.lease = std::chrono::hours(short_leases ? 0 : 1);
          return options;
        }()) {}

  // Whether the call was granted.
  bool Do(const Step& step) {
    switch (step.what % 9) {
      case kRegister:
        return Call(&CoordinatorService::Register, step.bytes);
      case kRenew:
        return Call(&CoordinatorService::Renew, step.bytes);
      case kWatch:
        return Watch(step.bytes);
      case kLeave:
        return Call(&CoordinatorService::Leave, step.bytes);
      case kStatus:
        return Call(&CoordinatorService::Status, step.bytes);
      case kStop:
        return Call(&CoordinatorService::Stop, step.bytes);
      case kScale:
        return Call(&CoordinatorService::Scale, step.bytes);
      case kTick:
        service_.Tick();
        return true;
      default:
        service_.SummaryWritten();
        return true;
    }
  }

  void Check() {
    for (auto& watch : watches_) watch->Settle();
    const StatusReply status = service_.CurrentStatus();
    DROVER_CHECK(RunState::Kind_IsValid(status.state()) && status.state() >= last_state_);
    last_state_ = status.state();
    bool alive = false;
    for (const MemberStatus& member : status.members()) alive = alive || member.alive();
    DROVER_CHECK(alive == service_.AnyMember());
    DROVER_CHECK(status.desired_actors() <= 4096);
  }

  // What people and files see of it.
  void CheckTexts() {
    const StatusReply status = service_.CurrentStatus();
    StatusText(status);
    CheckJson(StatusJson(status));
    CheckJson(MetricsLine(status, 0));
    CheckJson(SummaryJson(service_.CurrentOutcome()));
    for (const EvaluationPoint& point : service_.Points()) CheckJson(EvaluationLine(point, 0));
  }

 private:
  static void CheckJson(const std::string& text) {
    DROVER_CHECK(nlohmann::json::accept(text)) << text;
  }

  template <typename Message>
  static bool Decode(absl::string_view bytes, Message* message) {
    grpc::ByteBuffer buffer = ToBuffer(bytes);
    return DecodeMessage(&buffer, message);
  }

  template <typename Request, typename Reply>
  bool Call(grpc::ServerUnaryReactor* (CoordinatorService::*method)(grpc::CallbackServerContext*,
                                                                    const Request*, Reply*),
            absl::string_view bytes) {
    Request request;
    if (!Decode(bytes, &request)) return false;
    Reply reply;
    grpc::CallbackServerContext context;
    grpc::testing::DefaultReactorTestPeer peer(&context);
    (service_.*method)(&context, &request, &reply);
    DROVER_CHECK(peer.test_status_set());
    return peer.test_status().ok();
  }

  bool Watch(absl::string_view bytes) {
    auto request = std::make_unique<WatchRequest>();
    if (!Decode(bytes, request.get())) return false;
    if (watches_.size() == 8) watches_.erase(watches_.begin());
    watches_.push_back(std::make_unique<InMemoryWriter<MemberTable>>());
    watches_.back()->Call([&](grpc::CallbackServerContext* context) {
      return service_.WatchMembers(context, request.get());
    });
    return !watches_.back()->status();
  }

  CoordinatorService service_;
  std::vector<std::unique_ptr<InMemoryWriter<MemberTable>>> watches_;
  RunState::Kind last_state_ = RunState::unspecified;
};

std::string Join(Role::Kind role, uint32_t index) {
  RegisterRequest request;
  request.set_role(role);
  request.set_index(index);
  request.set_pid(1000 + index);
  request.mutable_endpoint()->set_host_id("host");
  request.mutable_endpoint()->add_addresses("unix:/tmp/socket");
  return EncodeStep(kRegister, request.SerializeAsString());
}

// A request of the member that registered as the `epoch`th.
template <typename Request>
Request Of(Role::Kind role, uint32_t index, uint64_t epoch) {
  Request request;
  request.set_member_id(MemberId(role, index));
  request.set_epoch(epoch);
  return request;
}

}  // namespace

bool Run(absl::string_view input) {
  Session session(!input.empty() && input.front() == 's');
  input.remove_prefix(std::min<size_t>(input.size(), 1));
  bool good = true;
  for (Step step{}; NextStep(&input, &step);) {
    good = session.Do(step) && good;
    session.Check();
  }
  session.CheckTexts();
  return good;
}

std::vector<std::string> Seeds() {
  auto renewal = Of<RenewRequest>(Role::learner, 0, 1);
  LearnerReport* learner = renewal.mutable_report()->mutable_learner();
  learner->set_frames(100);
  learner->set_episodes(3);
  learner->set_mean_return(1.5);
  (*renewal.mutable_report()->mutable_metrics())["policy_loss"] = 0.25;
  Wait* wait = renewal.mutable_report()->add_waits();
  wait->set_on("batch");
  wait->set_seconds(2);
  auto point = Of<RenewRequest>(Role::evaluator, 2, 2);
  point.mutable_report()->mutable_evaluator()->add_points()->mutable_evaluation()->set_mean(11);
  *point.mutable_report()->add_waits() = *wait;
  auto goodbye = Of<LeaveRequest>(Role::learner, 0, 1);
  goodbye.mutable_report()->mutable_learner()->set_outcome(EndReason::target_reached);
  goodbye.mutable_report()->mutable_learner()->mutable_evaluation()->set_mean(3);
  StopRequest stop;
  stop.set_reason("a person");

  const std::string members = Join(Role::learner, 0) + Join(Role::evaluator, 2);
  const std::string watch =
      EncodeStep(kWatch, Of<WatchRequest>(Role::learner, 0, 1).SerializeAsString());
  const std::string reports = EncodeStep(kRenew, renewal.SerializeAsString()) +
                              EncodeStep(kRenew, point.SerializeAsString());
  const std::string leave = EncodeStep(kLeave, goodbye.SerializeAsString());
  const std::string end = EncodeStep(kTick) + EncodeStep(kEnd) + EncodeStep(kStatus);
  return {
      "l" + members + watch + reports + EncodeStep(kStatus),
      "l" + members + reports + reports + leave + end,
      "l" + members + watch + Join(Role::actor, 7) + EncodeStep(kStop, stop.SerializeAsString()) +
          watch + leave + end,
      "s" + members + watch + EncodeStep(kTick) + Join(Role::learner, 0),
  };
}

std::string Mutate(absl::string_view input, Random* random) {
  if (input.empty()) return "";
  return input.front() + MutateSteps(input.substr(1), random, MutateMessage);
}

}  // namespace drover::fuzz
