#include "coordinator/service.h"

#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <atomic>
#include <optional>
#include <thread>

#include "common/file.h"
#include "common/mutex.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/rpc/server.h"
#include "common/rpc/trailer.h"

namespace drover {
namespace {

using std::chrono::milliseconds;

constexpr std::chrono::seconds kLimit{60};

// A stream of member tables. Reads block until one comes or the stream ends.
class Watch {
 public:
  Watch(Coordinator::Stub* stub, const RegisterReply& member) {
    context_.set_deadline(std::chrono::system_clock::now() + kLimit);
    WatchRequest request;
    request.set_member_id(member.member_id());
    request.set_epoch(member.epoch());
    reader_ = stub->WatchMembers(&context_, request);
  }
  ~Watch() {
    context_.TryCancel();
    if (!finished_) reader_->Finish();
  }

  std::optional<MemberTable> Next() {
    MemberTable table;
    if (!reader_->Read(&table)) return std::nullopt;
    return table;
  }

  // After the last.
  grpc::Status End() {
    finished_ = true;
    return reader_->Finish();
  }

 private:
  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReader<MemberTable>> reader_;
  bool finished_ = false;
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    ServerOptions options;
    options.addresses = {"unix:" + directory_.path() + "/coordinator"};
    auto server = RpcServer::Start(options, {&service_});
    EXPECT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    stub_ = Coordinator::NewStub(MakeChannel(options.addresses[0], ChannelUse::kControl));
    ticking_ = std::thread([this] {
      while (!done_) {
        service_.Tick();
        std::this_thread::sleep_for(milliseconds(10));
      }
    });
  }

  ~ServiceTest() override {
    server_->Shutdown(milliseconds(0));
    done_ = true;
    ticking_.join();
  }

  template <typename Request, typename Reply>
  absl::StatusOr<Reply> Call(grpc::Status (Coordinator::Stub::*method)(grpc::ClientContext*,
                                                                       const Request&, Reply*),
                             const Request& request) {
    return CallUnary(stub_.get(), method, request, kLimit);
  }

  // `address`: where it serves; empty: it does not.
  RegisterReply Join(Role::Kind role, uint32_t index, const std::string& address = "") {
    RegisterRequest request;
    request.set_role(role);
    request.set_index(index);
    if (!address.empty()) request.mutable_endpoint()->add_addresses(address);
    request.set_pid(1000 + index);
    const auto reply = Call(&Coordinator::Stub::Register, request);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.value_or(RegisterReply());
  }

  absl::Status Renew(const RegisterReply& member, const Report& report) {
    RenewRequest request;
    request.set_member_id(member.member_id());
    request.set_epoch(member.epoch());
    *request.mutable_report() = report;
    return Call(&Coordinator::Stub::Renew, request).status();
  }

  absl::Status Leave(const RegisterReply& member, const Report& report) {
    LeaveRequest request;
    request.set_member_id(member.member_id());
    request.set_epoch(member.epoch());
    *request.mutable_report() = report;
    return Call(&Coordinator::Stub::Leave, request).status();
  }

  absl::Status Save(const RunMemory& memory) DROVER_EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    while (disk_hangs_) changed_.Wait(&mutex_);
    if (disk_.ok()) saved_ = memory;
    return disk_;
  }
  void SetDisk(bool hangs, const absl::Status& says) DROVER_EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    disk_hangs_ = hangs;
    disk_ = says;
    changed_.NotifyAll();
  }
  RunMemory Saved() DROVER_EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return saved_;
  }

  TempDirectory directory_ = *TempDirectory::Make();
  Mutex mutex_;
  CondVar changed_;
  bool disk_hangs_ DROVER_GUARDED_BY(mutex_) = false;
  absl::Status disk_ DROVER_GUARDED_BY(mutex_);  // what it says to writes
  RunMemory saved_ DROVER_GUARDED_BY(mutex_);
  CoordinatorService service_{[] {
                                TrainingRun::Options options;
                                options.memory.set_run_id("run");
                                options.membership.lease = milliseconds(600);
                                return options;
                              }(),
                              [this](const RunMemory& memory) { return Save(memory); }};
  std::unique_ptr<RpcServer> server_;
  std::unique_ptr<Coordinator::Stub> stub_;
  std::atomic<bool> done_{false};
  std::thread ticking_;
};

TEST_F(ServiceTest, WatchersHearOfEachChange) {
  const RegisterReply learner = Join(Role::learner, 0);
  Watch watch(stub_.get(), learner);
  const auto first = watch.Next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->run_id(), "run");
  EXPECT_EQ(first->members_size(), 1);
  EXPECT_EQ(first->version(), learner.table_version());

  const RegisterReply actor = Join(Role::actor, 5);
  const auto second = watch.Next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->version(), actor.table_version());
  ASSERT_EQ(second->members_size(), 2);
  EXPECT_EQ(second->members(1).index(), 5u);

  EXPECT_TRUE(Leave(actor, Report()).ok());
  const auto third = watch.Next();
  ASSERT_TRUE(third.has_value());
  EXPECT_EQ(third->members_size(), 1);
  EXPECT_GT(third->version(), second->version());
}

// Else each of a thousand actors would be told of each of a thousand.
TEST_F(ServiceTest, AnActorHearsOfThoseOnlyWhoServe) {
  const RegisterReply actor = Join(Role::actor, 0);
  Watch watch(stub_.get(), actor);
  const auto first = watch.Next();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->members_size(), 0);

  Join(Role::actor, 1);  // no news
  const RegisterReply learner = Join(Role::learner, 0, "unix:/learner");
  const auto second = watch.Next();
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(second->version(), learner.table_version());
  ASSERT_EQ(second->members_size(), 1);
  EXPECT_EQ(second->members(0).role(), Role::learner);
}

TEST_F(ServiceTest, AMemberThatFallsSilentIsFencedAndItsStreamClosed) {
  const RegisterReply actor = Join(Role::actor, 0);
  Watch watch(stub_.get(), actor);
  while (watch.Next().has_value()) {
  }
  const grpc::Status end = watch.End();
  EXPECT_EQ(end.error_code(), grpc::StatusCode::FAILED_PRECONDITION) << end.error_message();
  EXPECT_EQ(Renew(actor, Report()).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_GT(Join(Role::actor, 0).epoch(), actor.epoch());
}

TEST_F(ServiceTest, RenewalsKeepAMember) {
  const RegisterReply actor = Join(Role::actor, 0);
  const auto until = std::chrono::steady_clock::now() + milliseconds(1500);  // 2.5 leases
  while (std::chrono::steady_clock::now() < until) {
    ASSERT_TRUE(Renew(actor, Report()).ok());
    std::this_thread::sleep_for(milliseconds(50));
  }
  EXPECT_EQ(service_.CurrentStatus().members(0).alive(), true);
}

TEST_F(ServiceTest, ANewerStreamOfAMemberClosesTheOlder) {
  const RegisterReply learner = Join(Role::learner, 0);
  Watch older(stub_.get(), learner);
  ASSERT_TRUE(older.Next().has_value());
  Watch newer(stub_.get(), learner);
  ASSERT_TRUE(newer.Next().has_value());
  while (older.Next().has_value()) {
  }
  EXPECT_EQ(older.End().error_code(), grpc::StatusCode::ABORTED);
  Join(Role::actor, 0);
  EXPECT_EQ(newer.Next()->members_size(), 2);
}

TEST_F(ServiceTest, AStoppedRunDrainsAndEndsWhenTheLearnerLeaves) {
  const RegisterReply learner = Join(Role::learner, 0);
  Watch watch(stub_.get(), learner);
  ASSERT_TRUE(watch.Next().has_value());
  StopRequest stop;
  stop.set_reason("a test");
  EXPECT_TRUE(Call(&Coordinator::Stub::Stop, stop).ok());
  EXPECT_EQ(watch.Next()->state(), RunState::draining);
  EXPECT_FALSE(service_.Finished());

  Report last;
  last.mutable_learner()->set_frames(77);
  last.mutable_learner()->mutable_evaluation()->set_mean(3);
  EXPECT_TRUE(Leave(learner, last).ok());
  EXPECT_TRUE(service_.Finished());
  EXPECT_FALSE(service_.AnyMember());
  const Outcome outcome = service_.CurrentOutcome();
  EXPECT_EQ(outcome.end_reason, EndReason::stopped);
  EXPECT_EQ(outcome.learner.frames(), 77u);
  EXPECT_EQ(outcome.learner.evaluation().mean(), 3);

  EXPECT_EQ(Call(&Coordinator::Stub::Status, StatusRequest())->state(), RunState::draining);
  service_.SummaryWritten();
  EXPECT_EQ(Call(&Coordinator::Stub::Status, StatusRequest())->state(), RunState::ended);
}

// What proto/coordinator.proto forbids, call by call.
TEST_F(ServiceTest, ForbiddenCallsGetTheirStatus) {
  const RegisterReply old = Join(Role::actor, 0);
  const RegisterReply actor = Join(Role::actor, 0);
  const RegisterReply gone = Join(Role::actor, 1);
  ASSERT_TRUE(Leave(gone, Report()).ok());
  RegisterReply stranger = actor;
  stranger.set_member_id(12345);
  RegisterReply future = actor;
  future.set_epoch(actor.epoch() + 100);

  const auto join = [&](int role, uint32_t index, int64_t pid) {
    RegisterRequest request;
    request.set_role(static_cast<Role::Kind>(role));
    request.set_index(index);
    request.set_pid(pid);
    return Call(&Coordinator::Stub::Register, request).status().code();
  };
  using Code = absl::StatusCode;
  EXPECT_EQ(join(Role::unspecified, 0, 1), Code::kInvalidArgument);
  EXPECT_EQ(join(Role::coordinator, 0, 1), Code::kInvalidArgument);
  EXPECT_EQ(join(99, 0, 1), Code::kInvalidArgument);
  EXPECT_EQ(join(Role::learner, 1, 1), Code::kInvalidArgument);
  EXPECT_EQ(join(Role::actor, ~0U, 1), Code::kInvalidArgument);
  EXPECT_EQ(join(Role::actor, 0, 1), Code::kAlreadyExists);  // another lives
  // That hears for how long it may.
  grpc::ClientContext context;
  RegisterRequest taken;
  taken.set_role(Role::actor);
  EXPECT_TRUE(absl::IsAlreadyExists(
      CallUnary(stub_.get(), &Coordinator::Stub::Register, taken, kLimit, &context).status()));
  EXPECT_EQ(ToldNumber(context, kLeaseMillis), 600);

  const struct {
    RegisterReply member;
    Code code;
  } cases[] = {{old, Code::kFailedPrecondition},
               {gone, Code::kFailedPrecondition},
               {future, Code::kFailedPrecondition},
               {stranger, Code::kNotFound}};
  for (const auto& c : cases) {
    EXPECT_EQ(Renew(c.member, Report()).code(), c.code);
    // One that has left may say so again.
    const bool left = c.member.member_id() == gone.member_id();
    EXPECT_EQ(Leave(c.member, Report()).code(), left ? Code::kOk : c.code);
    Watch watch(stub_.get(), c.member);
    EXPECT_FALSE(watch.Next().has_value());
    EXPECT_EQ(static_cast<int>(watch.End().error_code()), static_cast<int>(c.code));
  }
  EXPECT_TRUE(Renew(actor, Report()).ok());
  EXPECT_EQ(Call(&Coordinator::Stub::Scale, ScaleRequest()).status().code(),
            Code::kInvalidArgument);

  EXPECT_TRUE(Call(&Coordinator::Stub::Stop, StopRequest()).ok());  // no learner: the end
  EXPECT_EQ(join(Role::learner, 0, 1), Code::kFailedPrecondition);
}

TEST_F(ServiceTest, NobodyIsToldBeforeItIsSaved) {
  const RegisterReply learner = Join(Role::learner, 0);
  EXPECT_EQ(Saved().members_size(), 1);
  EXPECT_GT(Saved().next_epoch(), learner.epoch());
  EXPECT_GT(Saved().table_version(), learner.table_version());
  Watch watch(stub_.get(), learner);
  ASSERT_TRUE(watch.Next().has_value());

  SetDisk(/*hangs=*/true, absl::OkStatus());
  std::atomic<bool> told{false};
  std::thread stopping([&] {
    EXPECT_TRUE(Call(&Coordinator::Stub::Stop, StopRequest()).ok());
    told = true;
  });
  while (service_.CurrentStatus().state() != RunState::draining) {
    ASSERT_TRUE(Renew(learner, Report()).ok());
  }
  Watch late(stub_.get(), learner);
  EXPECT_EQ(late.Next()->state(), RunState::running);
  EXPECT_TRUE(Renew(learner, Report()).ok());  // renewals do not wait
  EXPECT_FALSE(told);
  SetDisk(/*hangs=*/false, absl::OkStatus());
  stopping.join();
  EXPECT_EQ(Saved().state(), RunState::draining);
  EXPECT_EQ(late.Next()->state(), RunState::draining);
}

TEST_F(ServiceTest, WhoScalesIsAnsweredOnceThatIsSaved) {
  ScaleRequest request;
  request.set_actors(6);
  const auto scaled = Call(&Coordinator::Stub::Scale, request);
  ASSERT_TRUE(scaled.ok()) << scaled.status();
  EXPECT_EQ(Saved().desired_actors(), 6u);
  EXPECT_EQ(Call(&Coordinator::Stub::Scale, request)->before(), 6u);
  EXPECT_EQ(Call(&Coordinator::Stub::Status, StatusRequest())->desired_actors(), 6u);
}

TEST_F(ServiceTest, AFullDiskDoesNotStopTheRun) {
  SetDisk(/*hangs=*/false, absl::ResourceExhaustedError("disk full"));
  const RegisterReply learner = Join(Role::learner, 0);
  Watch watch(stub_.get(), learner);
  ASSERT_TRUE(watch.Next().has_value());
  EXPECT_TRUE(Call(&Coordinator::Stub::Stop, StopRequest()).ok());
  EXPECT_EQ(watch.Next()->state(), RunState::draining);
  EXPECT_EQ(Saved().members_size(), 0);
  SetDisk(/*hangs=*/false, absl::OkStatus());
  const auto limit = std::chrono::steady_clock::now() + kLimit;
  while (Saved().state() != RunState::draining) {  // it is tried again
    ASSERT_LT(std::chrono::steady_clock::now(), limit);
    std::this_thread::sleep_for(milliseconds(10));
  }
}

TEST_F(ServiceTest, SurvivesBytesThatAreNoMessage) {
  const auto channel =
      MakeChannel("unix:" + directory_.path() + "/coordinator", ChannelUse::kControl);
  grpc::GenericStub stub(channel);
  for (const char* method :
       {"Register", "Renew", "Leave", "WatchMembers", "Stop", "Scale", "NoSuchThing"}) {
    grpc::CompletionQueue queue;
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + kLimit);
    const grpc::Slice garbage("\xff\xff\xff\xff\xff");
    const auto call = stub.PrepareUnaryCall(&context, std::string("/drover.Coordinator/") + method,
                                            grpc::ByteBuffer(&garbage, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer reply;
    grpc::Status status;
    call->Finish(&reply, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    ASSERT_TRUE(queue.Next(&tag, &ok));
    EXPECT_FALSE(status.ok()) << method;
    EXPECT_NE(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED) << method;
  }
  Join(Role::learner, 0);
}

TEST_F(ServiceTest, EndsItsStreamsWithTheServer) {
  const RegisterReply learner = Join(Role::learner, 0);
  Watch watch(stub_.get(), learner);
  ASSERT_TRUE(watch.Next().has_value());
  server_->Shutdown(milliseconds(0));
  while (watch.Next().has_value()) {
  }
  EXPECT_FALSE(watch.End().ok());
}

}  // namespace
}  // namespace drover
