// A server and its clients over TLS: who is let in, who is refused, when, and why.

#include <grpcpp/create_channel.h>
#include <grpcpp/server_builder.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "common/file.h"
#include "common/rpc/authorizer.h"
#include "common/rpc/channel.h"
#include "common/rpc/credentials.h"
#include "common/rpc/deadline.h"
#include "common/rpc/refusals.h"
#include "common/rpc/server.h"
#include "deploy/certificates.h"
#include "gtest/gtest.h"
#include "proto/coordinator.grpc.pb.h"
#include "tests/support/eventually.h"
#include "tests/support/stream_client.h"

// gRPC's own threads let go of a handshake's certificates, and the program's end may overtake them.
// Certificates that Drover itself reads and makes: tests/deploy/certificates_test.cc.
#pragma clang diagnostic ignored "-Wreserved-identifier"
extern "C" const char* __lsan_default_suppressions() {  // NOLINT: its name
  return "leak:libcrypto.so\n";
}

namespace drover {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;
using testing::Eventually;

constexpr milliseconds kLimit{60000};

// Says whose certificate it saw; holds what watches.
class Echo final : public Coordinator::CallbackService {
 public:
  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context, const StatusRequest*,
                                   StatusReply* reply) override {
    ++calls;
    reply->set_run_id(CertifiedRole(*context->auth_context()));
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerUnaryReactor* Stop(grpc::CallbackServerContext* context, const StopRequest*,
                                 StopReply*) override {
    ++calls;
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }
  grpc::ServerWriteReactor<MemberTable>* WatchMembers(grpc::CallbackServerContext*,
                                                      const WatchRequest*) override {
    class Held : public grpc::ServerWriteReactor<MemberTable> {
     public:
      explicit Held(std::atomic<int>* open) : open_(open) {}
      void OnCancel() override { Finish(grpc::Status::CANCELLED); }
      void OnDone() override {
        --*open_;
        delete this;
      }

     private:
      std::atomic<int>* const open_;
    };
    ++open;
    ++opened;
    return new Held(&open);
  }

  std::atomic<int> calls{0};
  std::atomic<int> open{0};
  std::atomic<int> opened{0};
};

class TlsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitAuthority(certs_, ForDays(365)).ok());
    Issue(certs_, "coordinator");
    Issue(certs_, "viewer");
  }
  void TearDown() override { SetProcessCredentials(nullptr); }

  static void Issue(const std::string& authority, const std::string& role,
                    const Validity& validity = ForDays(30)) {
    const auto path = IssueCertificate(authority, role, {}, validity);
    ASSERT_TRUE(path.ok()) << path.status();
  }

  // This process is from now on what the directory says; "": has none.
  static void Become(const std::string& directory) {
    if (directory.empty()) return SetProcessCredentials(nullptr);
    const auto credentials = Credentials::Load(directory);
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    SetProcessCredentials(*credentials);
  }

  void Serve(const ServerLimits& limits = {},
             std::vector<std::string> addresses = {"127.0.0.1:0"}) {
    Become(certs_ + "/coordinator");
    ServerOptions options;
    options.addresses = std::move(addresses);
    options.limits = limits;
    auto server = RpcServer::Start(options, {&echo_});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    address_ = server_->addresses()[0];
  }

  // What a new connection of who has this directory is told: the role seen, or an error.
  absl::StatusOr<std::string> AskAs(const std::string& directory) const {
    Become(directory);
    const auto stub = Coordinator::NewStub(MakeChannel(address_, ChannelUse::kBulk));
    absl::StatusOr<StatusReply> reply =
        CallUnary(stub.get(), &Coordinator::Stub::Status, StatusRequest(), kLimit);
    if (!reply.ok()) return reply.status();
    return reply->run_id();
  }
  StatusCode CodeAs(const std::string& directory) const { return AskAs(directory).status().code(); }

  static uint64_t Refused(Refusal reason) {
    return Refusals::OfProcess().snapshot().by_reason[std::string(RefusalName(reason))];
  }

  // A copy of a role's directory, to be spoiled.
  std::string Copy(const std::string& role) const {
    const std::string copy = directory_.path() + "/copy";
    std::filesystem::remove_all(copy);
    std::filesystem::copy(certs_ + "/" + role, copy);
    return copy;
  }

  int Connect() const {
    const int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(std::stoi(address_.substr(address_.rfind(':') + 1))));
    EXPECT_EQ(connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    return fd;
  }

  TempDirectory directory_ = *TempDirectory::Make();
  const std::string certs_ = directory_.path() + "/certs";
  Echo echo_;
  std::unique_ptr<RpcServer> server_;
  std::string address_;
};

TEST_F(TlsTest, TheServerSeesTheRole) {
  Serve();
  EXPECT_EQ(*AskAs(certs_ + "/viewer"), "viewer");
  Issue(certs_, "admin");
  EXPECT_EQ(*AskAs(certs_ + "/admin"), "admin");
}

TEST_F(TlsTest, TcpIsTlsAndASocketIsOpen) {
  const std::string socket = "unix:" + directory_.path() + "/socket";
  Serve({}, {"127.0.0.1:0", socket, "0.0.0.0:0"});
  EXPECT_EQ(*AskAs(certs_ + "/viewer"), "viewer");
  EXPECT_EQ(CodeAs(""), StatusCode::kUnavailable);
  address_ = socket;
  EXPECT_EQ(*AskAs(certs_ + "/viewer"), "");
  EXPECT_EQ(*AskAs(""), "");
}

TEST_F(TlsTest, WhoServesNothingIsNoServer) {
  Become(certs_ + "/viewer");
  EXPECT_EQ(RpcServer::Start({{"127.0.0.1:0"}}, {&echo_}).status().code(),
            StatusCode::kFailedPrecondition);
}

// Each of them while a good peer's connection goes on.
TEST_F(TlsTest, RefusesEachForItsReason) {
  Serve();
  Become(certs_ + "/viewer");
  const auto good = Coordinator::NewStub(MakeChannel(address_, ChannelUse::kBulk));
  const auto ask_good = [&] {
    return CallUnary(good.get(), &Coordinator::Stub::Status, StatusRequest(), kLimit).status();
  };
  ASSERT_TRUE(ask_good().ok());
  echo_.calls = 0;
  const auto refused = [&](const std::string& who, StatusCode code, Refusal reason) {
    const uint64_t before = Refused(reason);
    const absl::Status status = AskAs(who).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_TRUE(Eventually([&] { return Refused(reason) > before; })) << RefusalName(reason);
    EXPECT_EQ(echo_.calls, 0) << RefusalName(reason);
    EXPECT_TRUE(ask_good().ok());
    echo_.calls = 0;
  };
  Issue(certs_, "actor");
  const std::string actors = *ReadFile(certs_ + "/tokens/actor");
  std::string spoiled = Copy("viewer");
  ASSERT_TRUE(WriteFile(spoiled + "/token", actors).ok());
  refused(spoiled, StatusCode::kUnauthenticated, Refusal::kWrongToken);
  ASSERT_TRUE(WriteFile(spoiled + "/token", "guess").ok());
  refused(spoiled, StatusCode::kUnauthenticated, Refusal::kWrongToken);

  // They cannot know the server's authority better than it knows theirs.
  const std::string other = directory_.path() + "/other";
  ASSERT_TRUE(InitAuthority(other, ForDays(1)).ok());
  Issue(other, "viewer");
  const std::string both = *ReadFile(other + "/ca.pem") + *ReadFile(certs_ + "/ca.pem");
  ASSERT_TRUE(WriteFile(other + "/viewer/ca.pem", both).ok());
  refused(other + "/viewer", StatusCode::kUnavailable, Refusal::kUnknownAuthority);
}

TEST_F(TlsTest, RefusesACertificateThatExpiresMeanwhile) {
  Serve();
  const absl::Time now = absl::Now();
  Issue(certs_, "viewer", {now - absl::Hours(1), now + absl::Seconds(2)});
  Become(certs_ + "/viewer");
  const auto viewer = ProcessCredentials();
  while (absl::Now() <= now + absl::Seconds(2.1)) std::this_thread::sleep_for(milliseconds(50));
  EXPECT_EQ(Credentials::Load(certs_ + "/viewer").status().code(), StatusCode::kInvalidArgument);
  const uint64_t before = Refused(Refusal::kExpiredCertificate);
  const auto stub = Coordinator::NewStub(MakeChannel(address_, ChannelUse::kBulk));
  EXPECT_EQ(
      CallUnary(stub.get(), &Coordinator::Stub::Status, StatusRequest(), kLimit).status().code(),
      StatusCode::kUnavailable);
  EXPECT_TRUE(Eventually([&] { return Refused(Refusal::kExpiredCertificate) > before; }));
  Issue(certs_, "viewer");
  EXPECT_EQ(*AskAs(certs_ + "/viewer"), "viewer");
}

// With TLS, but nothing to show; then a certificate without a token. As `openssl s_client` would.
TEST_F(TlsTest, RefusesWhoHasOnlyHalf) {
  uint64_t before = Refused(Refusal::kNoCertificate);
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = *ReadFile(certs_ + "/ca.pem");
  grpc::ChannelArguments arguments;
  arguments.SetSslTargetNameOverride("node7");
  ASSERT_TRUE(IssueCertificate(certs_, "coordinator", {"node7"}, ForDays(1)).ok());
  Serve();
  const auto ask = [&] {
    const auto stub = Coordinator::NewStub(
        grpc::CreateCustomChannel(address_, grpc::SslCredentials(options), arguments));
    return CallUnary(stub.get(), &Coordinator::Stub::Status, StatusRequest(), kLimit)
        .status()
        .code();
  };
  EXPECT_EQ(ask(), StatusCode::kUnavailable);
  EXPECT_TRUE(Eventually([&] { return Refused(Refusal::kNoCertificate) > before; }));

  before = Refused(Refusal::kNoToken);
  options.pem_cert_chain = *ReadFile(certs_ + "/viewer/cert.pem");
  options.pem_private_key = *ReadFile(certs_ + "/viewer/key.pem");
  EXPECT_EQ(ask(), StatusCode::kUnauthenticated);
  EXPECT_GT(Refused(Refusal::kNoToken), before);
}

TEST_F(TlsTest, RefusesWhoSpeaksNoTls) {
  Serve();
  const uint64_t before = Refused(Refusal::kHandshake);
  EXPECT_EQ(CodeAs(""), StatusCode::kUnavailable);
  EXPECT_TRUE(Eventually([&] { return Refused(Refusal::kHandshake) > before; }));
  EXPECT_EQ(*AskAs(certs_ + "/viewer"), "viewer");
}

// What it sends makes no sense, and nobody notices: it is refused before.
TEST_F(TlsTest, RefusesBeforeItDecodes) {
  Serve();
  Issue(certs_, "admin");
  const auto say = [&](const std::string& role) {
    Become(certs_ + "/" + role);
    testing::StreamClient client(MakeChannel(address_, ChannelUse::kBulk),
                                 "/drover.Coordinator/Stop");
    client.SendBytes("\xff\xff");
    client.SendNoMore();
    return client.Finish().error_code();
  };
  const uint64_t before = Refused(Refusal::kWrongRole);
  EXPECT_EQ(say("viewer"), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Refused(Refusal::kWrongRole), before + 1);
  const grpc::StatusCode decoded = say("admin");
  EXPECT_NE(decoded, grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_NE(decoded, grpc::StatusCode::OK);
  EXPECT_EQ(echo_.calls, 0);
}

// A client believes no server that only has an actor's certificate, nor one of another authority.
TEST_F(TlsTest, AClientRefusesAServerThatIsNone) {
  Serve();
  const std::string other = directory_.path() + "/other";
  ASSERT_TRUE(InitAuthority(other, ForDays(1)).ok());
  Issue(other, "viewer");
  EXPECT_EQ(CodeAs(other + "/viewer"), StatusCode::kUnavailable);

  Issue(certs_, "actor");
  grpc::SslServerCredentialsOptions options;
  options.pem_root_certs = *ReadFile(certs_ + "/ca.pem");
  options.pem_key_cert_pairs.push_back(
      {*ReadFile(certs_ + "/actor/key.pem"), *ReadFile(certs_ + "/actor/cert.pem")});
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(options), &port);
  Echo echo;
  builder.RegisterService(&echo);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(CodeAs(certs_ + "/viewer"), StatusCode::kUnavailable);
  EXPECT_EQ(echo.calls, 0);
}

// The server goes on; a connection that stands, too.
TEST_F(TlsTest, NewCertificatesCountWithoutARestart) {
  Serve();
  Become(certs_ + "/viewer");
  const auto standing = Coordinator::NewStub(MakeChannel(address_, ChannelUse::kBulk));
  const auto ask_standing = [&] {
    return CallUnary(standing.get(), &Coordinator::Stub::Status, StatusRequest(), kLimit).status();
  };
  ASSERT_TRUE(ask_standing().ok());

  const std::string next = directory_.path() + "/next";
  ASSERT_TRUE(InitAuthority(next, ForDays(365)).ok());
  Issue(next, "coordinator");
  Issue(next, "viewer");
  const std::string old_viewer = Copy("viewer");
  // For a while both are believed, as docs/security.md has it.
  const std::string both = *ReadFile(certs_ + "/ca.pem") + *ReadFile(next + "/ca.pem");
  const auto replace = [&](const std::string& file, const std::string& text) {
    ASSERT_TRUE(WriteFile(certs_ + "/coordinator/" + file, text).ok());
  };
  replace("ca.pem", both);
  replace("tokens.json", *ReadFile(next + "/coordinator/tokens.json"));
  ASSERT_TRUE(WriteFile(next + "/viewer/ca.pem", both).ok());
  EXPECT_TRUE(Eventually([&] { return AskAs(next + "/viewer").ok(); }));

  // The server presents the new one, and believes the old no more.
  replace("key.pem", *ReadFile(next + "/coordinator/key.pem"));
  replace("cert.pem", *ReadFile(next + "/coordinator/cert.pem"));
  replace("ca.pem", *ReadFile(next + "/ca.pem"));
  ASSERT_TRUE(WriteFile(next + "/viewer/ca.pem", *ReadFile(next + "/ca.pem")).ok());
  EXPECT_TRUE(Eventually([&] { return AskAs(next + "/viewer").ok(); }));
  const uint64_t before = Refused(Refusal::kUnknownAuthority);
  ASSERT_TRUE(WriteFile(old_viewer + "/ca.pem", both).ok());
  EXPECT_TRUE(Eventually([&] { return CodeAs(old_viewer) == StatusCode::kUnavailable; }));
  EXPECT_TRUE(Eventually([&] { return Refused(Refusal::kUnknownAuthority) > before; }));

  // The old connection stands, but its token is not of the new ones.
  EXPECT_EQ(ask_standing().code(), StatusCode::kUnauthenticated);
}

TEST_F(TlsTest, StreamsOverOneConnectionAreBounded) {
  ServerLimits limits;
  limits.streams = 4;
  Serve(limits);
  Issue(certs_, "actor");
  Become(certs_ + "/actor");
  const auto stub = Coordinator::NewStub(MakeChannel(address_, ChannelUse::kBulk));
  std::array<grpc::ClientContext, 6> contexts;
  std::vector<std::thread> watching;
  for (grpc::ClientContext& context : contexts) {
    watching.emplace_back([&stub, &context] {
      const auto stream = stub->WatchMembers(&context, WatchRequest());  // waits for its turn
      MemberTable table;
      while (stream->Read(&table)) {
      }
    });
  }
  EXPECT_TRUE(Eventually([&] { return echo_.opened == 4; }));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(echo_.opened, 4);
  for (grpc::ClientContext& context : contexts) context.TryCancel();
  for (std::thread& thread : watching) thread.join();
  EXPECT_TRUE(Eventually([&] { return echo_.open == 0; }));
  EXPECT_EQ(*AskAs(certs_ + "/viewer"), "viewer");
}

TEST_F(TlsTest, AnAddressMayNotConnectTooOften) {
  ServerLimits limits;
  limits.connection_burst = 5;
  limits.connections_per_second = 1;
  Serve(limits);
  const uint64_t before = Refused(Refusal::kConnectionRate);
  std::vector<int> connections;
  for (int i = 0; i < 20; ++i) connections.push_back(Connect());
  EXPECT_TRUE(Eventually([&] { return Refused(Refusal::kConnectionRate) >= before + 12; }));
  for (const int connection : connections) close(connection);
  EXPECT_TRUE(Eventually([&] { return AskAs(certs_ + "/viewer").ok(); })) << "later it may";
}

TEST_F(TlsTest, WhoSaysNothingIsHungUpOn) {
  ServerLimits limits;
  limits.handshake = milliseconds(300);
  Serve(limits);
  const uint64_t before = Refused(Refusal::kHandshake);
  const int silent = Connect();
  char byte = 0;
  EXPECT_LE(recv(silent, &byte, 1, 0), 0);
  close(silent);
  EXPECT_TRUE(Eventually([&] { return Refused(Refusal::kHandshake) > before; }));
  EXPECT_EQ(*AskAs(certs_ + "/viewer"), "viewer");
}

}  // namespace
}  // namespace drover
