#include "common/rpc/http_server.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <thread>

#include "absl/strings/match.h"
#include "common/unique_fd.h"
#include "tests/support/eventually.h"

namespace drover {
namespace {

using std::chrono::milliseconds;
using testing::Eventually;

int PortOf(const std::string& url) { return std::stoi(url.substr(url.rfind(':') + 1)); }

HttpOptions At(const std::string& address) {
  HttpOptions options;
  options.address = address;
  return options;
}

std::unique_ptr<HttpServer> Serve(HttpOptions options) {
  auto server = HttpServer::Make(std::move(options));
  EXPECT_TRUE(server.ok()) << server.status();
  (*server)->Get("/", [](const HttpQuery& query) {
    const auto found = query.find("x");
    return HttpReply{200, "text/html", "page " + (found == query.end() ? "" : found->second)};
  });
  (*server)->Events(
      "/events", [] { return std::string("{\"a\":1}"); }, milliseconds(10));
  (*server)->Start();
  return *std::move(server);
}

TEST(HttpServerTest, ServesPagesAndHealth) {
  const auto server = Serve(At("127.0.0.1:0"));
  httplib::Client client(server->url());
  EXPECT_EQ(client.Get("/?x=1%202")->body, "page 1 2");
  EXPECT_EQ(client.Get("/health")->body, "ok\n");
  EXPECT_EQ(client.Get("/nothing")->status, 404);
  EXPECT_EQ(client.Get("/")->get_header_value("X-Content-Type-Options"), "nosniff");
  // As browsers ask: compressing as hard as possible would take a second.
  const auto plain = client.Get("/", {{"Accept-Encoding", "br, gzip"}});
  EXPECT_FALSE(plain->has_header("Content-Encoding"));
}

TEST(HttpServerTest, AnEndedServerLetsViewersGo) {
  auto server = Serve(At("127.0.0.1:0"));
  std::atomic<int> events{0};
  std::thread viewer([&, url = server->url()] {
    httplib::Client client(url);
    client.Get("/events", [&](const char* data, size_t size) {
      events += absl::StrContains(absl::string_view(data, size), "data: {\"a\":1}\n\n") ? 1 : 0;
      return true;
    });
  });
  EXPECT_TRUE(Eventually([&] { return events >= 3; }));
  server.reset();
  viewer.join();
}

TEST(HttpServerTest, TooManyViewersAreSentAwayAndPagesStillCome) {
  const auto server = Serve(At("127.0.0.1:0"));
  std::atomic<bool> done{false};
  std::atomic<int> watching{0};
  std::vector<std::thread> viewers;
  for (int i = 0; i < HttpServer::kMaxStreams; ++i) {
    viewers.emplace_back([&] {
      httplib::Client client(server->url());
      bool first = true;
      client.Get("/events", [&](const char*, size_t) {
        if (std::exchange(first, false)) ++watching;
        return !done;
      });
    });
  }
  EXPECT_TRUE(Eventually([&] { return watching == HttpServer::kMaxStreams; }));
  httplib::Client client(server->url());
  EXPECT_EQ(client.Get("/events")->status, 503);
  EXPECT_EQ(client.Get("/")->status, 200);
  done = true;
  for (std::thread& viewer : viewers) viewer.join();
  // Whoever goes makes room.
  EXPECT_TRUE(Eventually([&] {
    int status = 0;
    client.Get(
        "/events",
        [&](const httplib::Response& r) {
          status = r.status;
          return true;
        },
        [](const char*, size_t) { return false; });
    return status == 200;
  }));
}

TEST(HttpServerTest, AsksForAToken) {
  HttpOptions options = At("127.0.0.1:0");
  options.allow = [](absl::string_view token) { return token == "secret"; };
  const auto server = Serve(std::move(options));
  httplib::Client client(server->url());
  EXPECT_EQ(client.Get("/")->status, 401);
  EXPECT_EQ(client.Get("/events")->status, 401);
  EXPECT_EQ(client.Get("/health")->status, 200);
  EXPECT_EQ(client.Get("/", {{"Authorization", "Bearer wrong"}})->status, 401);
  EXPECT_EQ(client.Get("/", {{"Authorization", "Bearer secret"}})->status, 200);

  const auto browser = client.Get("/", {{"Accept", "text/html"}});
  EXPECT_EQ(browser->get_header_value("Location"), "/login");
  EXPECT_TRUE(absl::StrContains(client.Get("/login")->body, "<form"));
  EXPECT_EQ(client.Post("/login", httplib::Params{{"token", "wrong"}})->status, 403);
  EXPECT_EQ(client.Post("/login", httplib::Params{{"token", "secret\r\nX: y"}})->status, 403);
  const auto in = client.Post("/login", httplib::Params{{"token", "secret"}});
  EXPECT_EQ(in->status, 303);
  const std::string cookie = in->get_header_value("Set-Cookie");
  EXPECT_TRUE(absl::StrContains(cookie, "HttpOnly"));
  EXPECT_TRUE(absl::StrContains(cookie, "SameSite=Strict"));
  const std::string pair = cookie.substr(0, cookie.find(';'));
  EXPECT_EQ(client.Get("/", {{"Cookie", pair}})->status, 200);
  EXPECT_EQ(client.Get("/", {{"Cookie", "a=b; " + pair + "; c=d"}})->status, 200);
}

TEST(HttpServerTest, RefusesWhatWouldBeOpenToAll) {
  EXPECT_TRUE(absl::IsInvalidArgument(HttpServer::Make(At("0.0.0.0:0")).status()));
  HttpOptions insecure = At("0.0.0.0:0");
  insecure.insecure = true;
  EXPECT_TRUE(HttpServer::Make(std::move(insecure)).ok());
  HttpOptions tokens = At("0.0.0.0:0");
  tokens.allow = [](absl::string_view) { return false; };
  EXPECT_TRUE(HttpServer::Make(std::move(tokens)).ok());
  for (const char* bad : {"", "8080", "unix:/tmp/x", "127.0.0.1:", "127.0.0.1:99999"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(HttpServer::Make(At(bad)).status())) << bad;
  }
}

TEST(HttpServerTest, APortIsTakenOrFound) {
  const auto first = Serve(At("127.0.0.1:0"));
  const std::string taken = "127.0.0.1:" + std::to_string(PortOf(first->url()));
  EXPECT_TRUE(absl::IsUnavailable(HttpServer::Make(At(taken)).status()));
  const auto second = Serve(At("auto"));
  const auto third = Serve(At("auto"));
  EXPECT_NE(second->url(), third->url());
  EXPECT_EQ(httplib::Client(third->url()).Get("/")->status, 200);
}

TEST(HttpServerTest, SilentConnectionsKeepNobodyOutForLong) {
  const auto server = Serve(At("127.0.0.1:0"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(PortOf(server->url())));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::vector<UniqueFd> silent;
  for (int i = 0; i < 20; ++i) {
    silent.emplace_back(socket(AF_INET, SOCK_STREAM, 0));
    ASSERT_EQ(connect(silent.back().get(), reinterpret_cast<sockaddr*>(&address), sizeof(address)),
              0);
  }
  httplib::Client client(server->url());
  client.set_read_timeout(30);
  const auto reply = client.Get("/");
  ASSERT_TRUE(reply != nullptr);
  EXPECT_EQ(reply->status, 200);
}

}  // namespace
}  // namespace drover
