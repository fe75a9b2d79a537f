#include "common/rpc/tls_http_server.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "common/file.h"
#include "common/openssl.h"
#include "common/rpc/credentials.h"
#include "common/rpc/http_server.h"
#include "common/rpc/refusals.h"
#include "common/unique_fd.h"
#include "deploy/certificates.h"
#include "tests/support/eventually.h"

namespace drover {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;

class TlsHttpServerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    Issue(certs_);
    const auto credentials = Credentials::Load(certs_ + "/coordinator");
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    HttpOptions options;
    options.address = "127.0.0.1:0";
    options.allow = [](absl::string_view token) { return token == "secret"; };
    options.tls = (*credentials)->pages();
    auto server = HttpServer::Make(std::move(options));
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    server_->Get("/", [](const HttpQuery&) { return HttpReply{200, "text/plain", "page"}; });
    server_->Get("/large", [](const HttpQuery&) {
      return HttpReply{200, "text/plain", std::string(kLarge, 'x')};
    });
    server_->Events(
        "/events", [] { return std::string("1"); }, milliseconds(10));
    server_->Start();
    const std::string& url = server_->url();
    ASSERT_TRUE(absl::StartsWith(url, "https://127.0.0.1:")) << url;
    port_ = std::stoi(url.substr(url.rfind(':') + 1));
  }

  // An authority, and the server's certificate of it.
  static void Issue(const std::string& directory) {
    ASSERT_TRUE(InitAuthority(directory, ForDays(1)).ok());
    ASSERT_TRUE(IssueCertificate(directory, "coordinator", {"127.0.0.1"}, ForDays(1)).ok());
  }

  // Who has the token, and believes only what is of this authority.
  std::unique_ptr<httplib::SSLClient> Viewer(const std::string& authority) const {
    auto client = std::make_unique<httplib::SSLClient>("127.0.0.1", port_);
    client->set_ca_cert_path((authority + "/ca.pem").c_str());
    client->enable_server_certificate_verification(true);
    client->set_bearer_token_auth("secret");
    client->set_read_timeout(30);
    return client;
  }
  int StatusFor(const std::string& authority) const {
    const auto reply = Viewer(authority)->Get("/");
    return reply == nullptr ? 0 : reply->status;
  }

  UniqueFd Connect() const {
    UniqueFd fd(socket(AF_INET, SOCK_STREAM, 0));
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    to.sin_port = htons(static_cast<uint16_t>(port_));
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&to), sizeof(to)), 0);
    return fd;
  }

  static uint64_t Refused() { return Refusals::OfProcess().snapshot().by_reason["handshake"]; }

  static constexpr size_t kLarge = 1 << 20;
  const TempDirectory directory_ = *TempDirectory::Make();
  const std::string certs_ = directory_.path() + "/certs";
  const std::string others_ = directory_.path() + "/others";
  std::unique_ptr<HttpServer> server_;
  int port_ = 0;
};

// A browser, as far as its handshake.
struct Handshake {
  Handshake(int socket, const std::string& authority, int newest = TLS1_3_VERSION)
      : context(SSL_CTX_new(TLS_client_method())), ssl(SSL_new(context.get())) {
    SSL_set_security_level(ssl.get(), 0);  // would offer old versions
    SSL_set_min_proto_version(ssl.get(), TLS1_VERSION);
    SSL_set_max_proto_version(ssl.get(), newest);
    X509_STORE* const store = SSL_CTX_get_cert_store(context.get());
    X509_STORE_load_file(store, (authority + "/ca.pem").c_str());
    SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
    SSL_set_fd(ssl.get(), socket);
    made = SSL_connect(ssl.get()) == 1;
  }

  const std::unique_ptr<SSL_CTX, OpensslFree<SSL_CTX_free>> context;
  const std::unique_ptr<SSL, OpensslFree<SSL_free>> ssl;
  bool made = false;
};

TEST_F(TlsHttpServerTest, ShowsPagesToWhoHasTheToken) {
  const auto client = Viewer(certs_);
  EXPECT_EQ(client->Get("/")->body, "page");
  EXPECT_EQ(client->Get("/large")->body.size(), kLarge);
  int events = 0;
  client->Get("/events", [&](const char*, size_t) { return ++events < 3; });
  EXPECT_EQ(events, 3);
  client->set_bearer_token_auth("wrong");
  EXPECT_EQ(client->Get("/")->status, 401);
  EXPECT_EQ(client->Get("/health")->body, "ok\n");
  const auto in = client->Post("/login", httplib::Params{{"token", "secret"}});
  EXPECT_TRUE(absl::StrContains(in->get_header_value("Set-Cookie"), "; Secure")) << "nor in plain";
  EXPECT_EQ(client->Post("/login", std::string(1 << 20, 'x'), "text/plain")->status, 413);
}

TEST_F(TlsHttpServerTest, AnEndedServerLetsViewersGo) {
  std::atomic<int> events{0};
  std::thread viewer([&] {
    Viewer(certs_)->Get("/events", [&](const char*, size_t) {
      ++events;
      return true;
    });
  });
  EXPECT_TRUE(Eventually([&] { return events >= 3; }));
  server_.reset();
  viewer.join();
}

TEST_F(TlsHttpServerTest, AViewerThatGoesMakesRoom) {
  for (int i = 0; i < 3 * HttpServer::kMaxStreams; ++i) {
    EXPECT_TRUE(Eventually([&] {
      int status = 0;
      Viewer(certs_)->Get(
          "/events",
          [&](const httplib::Response& reply) {
            status = reply.status;
            return true;
          },
          [](const char*, size_t) { return false; });
      return status == 200;
    }));
  }
}

// Each decides for itself, so it is no refusal of ours: a browser asks a person first.
TEST_F(TlsHttpServerTest, IsNotBelievedByWhoHasAnotherAuthority) {
  Issue(others_);
  const uint64_t before = Refused();
  EXPECT_EQ(StatusFor(others_), 0);
  EXPECT_FALSE(Handshake(Connect().get(), others_).made);
  EXPECT_TRUE(Handshake(Connect().get(), certs_).made);
  EXPECT_EQ(StatusFor(certs_), 200);
  EXPECT_EQ(Refused(), before);
}

TEST_F(TlsHttpServerTest, RefusesWhatIsNoHandshakeOrTooOld) {
  uint64_t before = Refused();
  httplib::Client plain("127.0.0.1", port_);
  EXPECT_EQ(plain.Get("/health"), nullptr);
  EXPECT_TRUE(Eventually([&] { return Refused() == before + 1; }));
  EXPECT_TRUE(absl::StrContains(Refusals::OfProcess().snapshot().last,
                                "a viewer at 127.0.0.1: http request"))
      << Refusals::OfProcess().snapshot().last;

  before = Refused();
  EXPECT_FALSE(Handshake(Connect().get(), certs_, TLS1_1_VERSION).made);
  EXPECT_TRUE(Eventually([&] { return Refused() == before + 1; }));
  EXPECT_TRUE(Handshake(Connect().get(), certs_, TLS1_2_VERSION).made);

  Connect();  // and hangs up: it has asked for nothing
  EXPECT_EQ(StatusFor(certs_), 200);
  EXPECT_EQ(Refused(), before + 1);
}

// Neither those that say nothing, nor those that take their time with the handshake or the request.
TEST_F(TlsHttpServerTest, SlowViewersKeepNobodyOutForLong) {
  const uint64_t before = Refused();
  constexpr int kSilent = HttpServer::kMaxStreams + 3;  // with one more as many as threads
  std::vector<UniqueFd> silent;
  for (int i = 0; i < kSilent; ++i) silent.push_back(Connect());
  const UniqueFd drip = Connect();
  std::atomic<bool> over{false};
  std::atomic<bool> hung_up{false};
  std::thread dripping([&] {
    const Handshake handshake(drip.get(), certs_);
    EXPECT_TRUE(handshake.made);
    while (!over && !hung_up) {
      hung_up = SSL_write(handshake.ssl.get(), "G", 1) != 1;
      std::this_thread::sleep_for(milliseconds(200));
    }
  });
  EXPECT_EQ(StatusFor(certs_), 200);
  EXPECT_TRUE(Eventually([&] { return hung_up.load(); }));
  over = true;
  dripping.join();
  EXPECT_TRUE(Eventually([&] { return Refused() == before + kSilent; }));
}

TEST_F(TlsHttpServerTest, ANewCertificateCountsWithoutARestart) {
  std::atomic<int> events{0};
  std::atomic<bool> done{false};
  std::thread standing([&] {
    Viewer(certs_)->Get("/events", [&](const char*, size_t) {
      ++events;
      return !done;
    });
  });
  EXPECT_TRUE(Eventually([&] { return events > 0; }));
  Issue(others_);
  for (const std::string file : {"/coordinator/cert.pem", "/coordinator/key.pem"}) {
    ASSERT_TRUE(WriteFile(certs_ + file, *ReadFile(others_ + file)).ok());
  }
  EXPECT_TRUE(Eventually([&] { return StatusFor(others_) == 200; }));
  EXPECT_EQ(StatusFor(certs_), 0);
  const int before = events;
  EXPECT_TRUE(Eventually([&] { return events > before; })) << "a connection that stands goes on";
  done = true;
  standing.join();
}

}  // namespace
}  // namespace drover
