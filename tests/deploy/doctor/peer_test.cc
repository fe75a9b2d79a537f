#include "deploy/doctor/peer.h"

#include <csignal>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/http_server.h"
#include "gtest/gtest.h"
#include "proto/weights.grpc.pb.h"
#include "tests/deploy/doctor/peers.h"
#include "tests/support/eventually.h"

namespace drover {
namespace {

using Level = Finding::Level;

class PeerTest : public ::testing::Test {
 protected:
  PeerTest() { std::signal(SIGPIPE, SIG_IGN); }
  ~PeerTest() override { SetProcessCredentials(nullptr); }

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  // That the peer cannot be reached, why, and what mends it.
  static void ExpectWrong(const std::string& address, const std::string& found,
                          const std::string& mend) {
    const PeerReport report = CheckPeer("peer", address);
    ASSERT_EQ(report.findings.size(), 1U);
    const Finding& finding = report.findings.front();
    EXPECT_EQ(finding.level, Level::kWrong);
    EXPECT_EQ(finding.what, "peer at " + address);
    EXPECT_NE(finding.found.find(found), std::string::npos) << finding.found;
    EXPECT_NE(finding.mend.find(mend), std::string::npos) << finding.mend;
    EXPECT_FALSE(report.status.has_value());
  }

  // Where nobody listens.
  static std::string FreeAddress() {
    return absl::StrCat("127.0.0.1:", (*Acceptor::Listen("127.0.0.1:0"))->port());
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  ClockedCoordinator coordinator_;
};

TEST_F(PeerTest, ACoordinatorAnswersAndTellsTheTime) {
  for (const std::string& role : {std::string(), Issue(Path("certs"), "coordinator")}) {
    const auto server = ServeAs(role, &coordinator_);
    if (!role.empty()) Become(Issue(Path("certs"), "viewer"));
    const PeerReport report = CheckPeer("coordinator", server->addresses()[0]);
    ASSERT_EQ(report.findings.size(), 2U) << report.findings[0].found;
    for (const Finding& finding : report.findings) {
      EXPECT_EQ(finding.level, Level::kOk) << finding.what << ": " << finding.found;
    }
    EXPECT_EQ(report.status->run_id(), "run");
  }
}

TEST_F(PeerTest, AClockThatIsWrong) {
  ClockedCoordinator ahead(absl::Hours(1));
  const auto server = ServeAs("", &ahead);
  const PeerReport report = CheckPeer("coordinator", server->addresses()[0]);
  ASSERT_EQ(report.findings.size(), 2U);
  EXPECT_EQ(report.findings[0].level, Level::kOk);
  EXPECT_EQ(report.findings[1].what, "clock of coordinator");
  EXPECT_EQ(report.findings[1].level, Level::kWrong);
}

TEST_F(PeerTest, OthersAnswerAsWell) {
  WeightsService::CallbackService weights;
  const auto server = ServeAs("", &weights);
  const PeerReport report = CheckPeer("learner", server->addresses()[0]);
  ASSERT_EQ(report.findings.size(), 1U);
  EXPECT_EQ(report.findings[0].level, Level::kOk) << report.findings[0].found;
}

TEST_F(PeerTest, NobodyThere) {
  const std::string address = FreeAddress();
  ExpectWrong(address, "Connection refused", "--listen 0.0.0.0:");
  ExpectWrong("no..host:7000", "Name or service not known", "/etc/hosts");
  ExpectWrong("unix:" + Path("socket"), "No such file", "drover status");
}

TEST_F(PeerTest, OneThatStandsStill) {
  const auto silent = Acceptor::Listen("127.0.0.1:0");
  ASSERT_TRUE(silent.ok());
  ExpectWrong(absl::StrCat("127.0.0.1:", (*silent)->port()), "it stands still", "kill -CONT");
}

TEST_F(PeerTest, SomethingElse) {
  HttpOptions options;
  options.address = "127.0.0.1:0";
  const auto page = HttpServer::Make(options);
  ASSERT_TRUE(page.ok()) << page.status();
  (*page)->Start();
  const std::string address = (*page)->url().substr(sizeof("http://") - 1);
  ExpectWrong(address, "none of Drover's", "ss -ltnp");
  Become(Issue(Path("certs"), "viewer"));
  ExpectWrong(address, "speaks no TLS", "ss -ltnp");
}

TEST_F(PeerTest, APageOfOurs) {
  Become(Issue(Path("certs"), "coordinator"));
  HttpOptions options;
  options.address = "127.0.0.1:0";
  options.tls = ProcessPages();
  const auto page = HttpServer::Make(options);
  ASSERT_TRUE(page.ok()) << page.status();
  (*page)->Start();
  const std::string address = (*page)->url().substr(sizeof("https://") - 1);
  ExpectWrong(address, "as a page", "ss -ltnp");
  Become("");
  ExpectWrong(address, "as a page", "ss -ltnp");
}

TEST_F(PeerTest, OneSideHasCertificatesTheOtherHasNot) {
  const auto guarded = ServeAs(Issue(Path("certs"), "coordinator"), &coordinator_);
  Become("");
  ExpectWrong(guarded->addresses()[0], "it wants a certificate", "--certs");
  ClockedCoordinator another;
  const auto open = ServeAs("", &another);
  Become(Issue(Path("certs"), "viewer"));
  ExpectWrong(open->addresses()[0], "speaks no TLS", "--certs");
}

TEST_F(PeerTest, AServerOfAnotherAuthority) {
  const auto server = ServeAs(Issue(Path("theirs"), "coordinator"), &coordinator_);
  Become(Issue(Path("ours"), "viewer"));
  ExpectWrong(server->addresses()[0], "of another authority, \"Drover CA ",
              "drover certs issue CERTS coordinator");
}

TEST_F(PeerTest, AServerThatDoesNotKnowOurAuthority) {
  const auto server = ServeAs(Issue(Path("theirs"), "coordinator"), &coordinator_);
  const std::string ours = Issue(Path("ours"), "viewer");
  const std::string both = *ReadFile(Path("ours/ca.pem")) + *ReadFile(Path("theirs/ca.pem"));
  ASSERT_TRUE(WriteFile(ours + "/ca.pem", both).ok());
  Become(ours);
  ExpectWrong(server->addresses()[0], "it refuses this certificate, of role viewer",
              "drover certs issue CERTS viewer");
}

TEST_F(PeerTest, AServersCertificateThatIsOver) {
  const absl::Time end = absl::Now() + absl::Seconds(2);
  const auto server =
      ServeAs(Issue(Path("certs"), "coordinator", {end - absl::Hours(1), end}), &coordinator_);
  Become(Issue(Path("certs"), "viewer"));
  ASSERT_TRUE(testing::Eventually([&] { return absl::Now() > end + absl::Seconds(1); }));
  ExpectWrong(server->addresses()[0], "certificate has expired",
              "drover certs issue CERTS coordinator");
}

TEST_F(PeerTest, ATokenThatIsNoneOfTheirs) {
  const auto server = ServeAs(Issue(Path("certs"), "coordinator"), &coordinator_);
  const std::string viewer = Issue(Path("certs"), "viewer");
  ASSERT_TRUE(WriteFile(viewer + "/token", "0123").ok());
  Become(viewer);
  ExpectWrong(server->addresses()[0], "token", "drover certs issue CERTS viewer");
}

}  // namespace
}  // namespace drover
