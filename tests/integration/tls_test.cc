// A run whose processes a person started by hand, over TLS on TCP, to its end; before that, those
// who may not take part.

#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/rpc/channel.h"
#include "common/rpc/credentials.h"
#include "common/rpc/deadline.h"
#include "common/text_proto.h"
#include "common/unique_fd.h"
#include "coordinator/coordinator_main.h"
#include "deploy/run_dir.h"
#include "proto/coordinator.grpc.pb.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using absl::StatusCode;

class TlsTest : public ClusterTest {
 protected:
  ~TlsTest() override { unsetenv("DROVER_CERTS"); }

  void MakeCertificates() const {
    ASSERT_TRUE(RunProgram(Drover({"certs", "init", certs_})).exit.ok());
    ASSERT_TRUE(RunProgram(Drover({"certs", "issue", certs_, "--host", kLoopback})).exit.ok());
    const Finished show = RunProgram(Drover({"certs", "show", certs_}));
    ASSERT_TRUE(show.exit.ok()) << show.err;
    EXPECT_NE(show.out.find("replay/cert.pem\n  name         replay\n"), std::string::npos);
  }

  // What `drover train` would write there.
  void MakeRun() const {
    const std::string file = directory_.path() + "/plan";
    const Finished made = RunProgram(Drover(
        {"resolve", Runfile("configs/catch_impala.textproto"), "--plan", file, "--max_frames",
         "20000", "--set", "target.return=2", "--set", "evaluation.episodes=10"}));
    ASSERT_TRUE(made.exit.ok()) << made.err;
    Plan plan;
    ASSERT_TRUE(plan.ParseFromString(*ReadFile(file)));
    const auto run = RunDir::Open(run_dir(), /*resume=*/false);
    ASSERT_TRUE(run.ok()) << run.status();
    ASSERT_TRUE(run->WriteConfig(plan.experiment(), plan.spec()).ok());
  }

  std::unique_ptr<Program> Start(const std::string& role, std::vector<std::string> more) const {
    std::vector<std::string> words = {role, "--certs", certs_};
    words.insert(words.end(), more.begin(), more.end());
    return std::make_unique<Program>(Drover(words));
  }

  // An actor that calls the coordinator before it is there: its address, once that was in vain.
  std::string CalledTooEarly(std::unique_ptr<Program>* actor) const {
    const UniqueFd listener(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in address{};
    socklen_t size = sizeof(address);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const its = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener.get(), its, size), 0);
    EXPECT_EQ(listen(listener.get(), 1), 0);
    EXPECT_EQ(getsockname(listener.get(), its, &size), 0);
    const std::string called = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
    *actor = Start("actor", {"--coordinator", called, "--index", "0"});
    const UniqueFd call(accept(listener.get(), nullptr, nullptr));
    EXPECT_TRUE(call.valid());
    return called;
  }

  void StartCoordinator(const std::string& listen) {
    coordinator_process_ =
        Start("coordinator", {"--run_dir", run_dir(), "--listen", listen, "--http", kTcp});
    Endpoint endpoint;
    ASSERT_TRUE(WaitFor([&] { return ReadTextProto(Path(kAddressFile), &endpoint).ok(); }))
        << coordinator_process_->Stderr();
    coordinator_ = endpoint.addresses(0);
  }

  // How the coordinator answers who has a role's certificate.
  template <typename Request, typename Reply>
  StatusCode CallAs(const std::string& role,
                    grpc::Status (Coordinator::Stub::*method)(grpc::ClientContext*, const Request&,
                                                              Reply*),
                    const Request& request) const {
    const auto credentials = Credentials::Load(certs_ + "/" + role);
    EXPECT_TRUE(credentials.ok()) << credentials.status();
    SetProcessCredentials(*credentials);
    const auto stub = Coordinator::NewStub(MakeChannel(coordinator_, ChannelUse::kBulk));
    return CallUnary(stub.get(), method, request, kTestLimit).status().code();
  }

  // What a page answers who shows this role's token, and believes only our authority; 0: nothing.
  int Ask(const std::string& url, const std::string& page, const std::string& role) const {
    std::string token = *ReadFile(certs_ + "/tokens/" + role);
    absl::StripTrailingAsciiWhitespace(&token);
    httplib::Client viewer(url);
    viewer.set_ca_cert_path((certs_ + "/ca.pem").c_str());
    viewer.set_bearer_token_auth(token.c_str());
    const auto reply = viewer.Get(page);
    return reply == nullptr ? 0 : reply->status;
  }

  static constexpr char kLoopback[] = "127.0.0.1";
  static constexpr char kTcp[] = "127.0.0.1:0";
  const std::string certs_ = directory_.path() + "/certs";
  std::unique_ptr<Program> coordinator_process_;
  std::string coordinator_;
};

TEST_F(TlsTest, ARunGoesToItsEndAndStrangersHaveNoPart) {
  MakeCertificates();
  MakeRun();
  std::unique_ptr<Program> first;
  StartCoordinator(CalledTooEarly(&first));
  EXPECT_EQ(CallAs("actor", &Coordinator::Stub::Stop, StopRequest()),
            StatusCode::kPermissionDenied);
  EXPECT_EQ(CallAs("viewer", &Coordinator::Stub::Stop, StopRequest()),
            StatusCode::kPermissionDenied);
  RegisterRequest request;  // no learner
  request.set_role(Role::learner);
  EXPECT_EQ(CallAs("actor", &Coordinator::Stub::Register, request), StatusCode::kPermissionDenied);
  LeaveRequest leave;
  leave.set_member_id(uint64_t{Role::learner} << 32);
  EXPECT_EQ(CallAs("actor", &Coordinator::Stub::Leave, leave), StatusCode::kPermissionDenied);
  EXPECT_FALSE(RunProgram(Drover({"status", run_dir()})).exit.ok()) << "no certificate";

  setenv("DROVER_CERTS", certs_.c_str(), 1);
  const nlohmann::json status = Status();
  ASSERT_TRUE(status.is_object()) << coordinator_process_->Stderr();
  EXPECT_EQ(status["state"], "waiting");
  EXPECT_GE(status["metrics"]["coordinator_refused_peers"], 4);
  EXPECT_NE(RunProgram(Drover({"status", run_dir()})).out.find("ALARM: the coordinator refused"),
            std::string::npos);
  EXPECT_NE(
      coordinator_process_->Stderr().find("refused \"actor\" calling /drover.Coordinator/Stop"),
      std::string::npos)
      << coordinator_process_->Stderr();

  const std::string url = status["dashboard"];
  EXPECT_EQ(url.substr(0, url.rfind(':')), "https://127.0.0.1");
  EXPECT_EQ(Ask(url, "/api/status", "viewer"), 200);
  EXPECT_EQ(Ask(url, "/metrics", "admin"), 200);
  EXPECT_EQ(Ask(url, "/metrics", "actor"), 401);
  EXPECT_EQ(Ask("http" + url.substr(sizeof("https") - 1), "/health", "viewer"), 0);

  const auto second = Start("actor", {"--coordinator", coordinator_, "--index", "1"});
  // None of them late: what the learner does then is soon over.
  ASSERT_TRUE(WaitFor([&] { return Members("actor").size() == 2; }));
  const auto learner =
      Start("learner", {"--coordinator", coordinator_, "--listen", kTcp, "--http", kTcp});
  EXPECT_TRUE(coordinator_process_->Wait().ok()) << coordinator_process_->Stderr();
  EXPECT_TRUE(learner->Wait().ok()) << learner->Stderr();
  for (const auto& actor : {first.get(), second.get()}) {
    EXPECT_TRUE(actor->Wait().ok()) << actor->Stderr();
  }
  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["end_reason"], "budget_spent");
  EXPECT_GT(summary["frames"], 19000);
  EXPECT_EQ(summary["eval"]["episodes"], 10);
  EXPECT_NE(learner->Stderr().find("metrics: https://127.0.0.1:"), std::string::npos);
  EXPECT_EQ(learner->Stderr().find("refused"), std::string::npos) << learner->Stderr();
}

}  // namespace
}  // namespace drover
