#ifndef DROVER_COMMON_RPC_HTTP_SERVER_H_
#define DROVER_COMMON_RPC_HTTP_SERVER_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/rpc/tls_context.h"

namespace drover {

struct HttpReply {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

using HttpQuery = std::multimap<std::string, std::string>;  // "?name=value&…"

struct HttpOptions {
  // "127.0.0.1:8080", "[::1]:0" (0: a free port), or "auto": 127.0.0.1:8080, or a free port where
  // that is taken.
  std::string address;
  // Serve whom? Empty: everyone who reaches it. Else who shows a token that this likes, as
  // `Authorization: Bearer TOKEN` or, from a browser, by the form at /login.
  std::function<bool(absl::string_view token)> allow;
  // HTTPS, as this. Null: HTTP.
  std::shared_ptr<WatchedTlsContext> tls;
  // On addresses that other hosts reach, without `allow`, too.
  bool insecure = false;
};

// What a process shows over HTTP: pages, figures and streams of events, all of them read-only.
// Each connection serves one request and has a thread of a pool; so many streams as kMaxStreams
// are open at once, and a browser that comes then is told to try again. /health says "ok" to
// anyone. Who does not say what he wants for some seconds is hung up on.
//
//   auto server = HttpServer::Make(options);
//   (*server)->Get("/", …);
//   (*server)->Start();
class HttpServer {
 public:
  static constexpr int kMaxStreams = 8;

  // Called on any thread, several at once.
  using Handler = std::function<HttpReply(const HttpQuery&)>;
  // The next event's text, of one line; empty: nothing new.
  using EventSource = std::function<std::string()>;

  // Binds. INVALID_ARGUMENT: a malformed address, or one that other hosts reach without `allow` or
  // `insecure`; UNAVAILABLE: cannot listen there.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Make(HttpOptions options);
  ~HttpServer();  // ends streams; waits for other requests, some seconds at most
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Before Start().
  void Get(const std::string& path, Handler handler);
  // Server-sent events, the first at once and one each `period`.
  void Events(const std::string& path, EventSource source, std::chrono::milliseconds period);

  void Start();

  // "http://127.0.0.1:8080", or "https://…", for people.
  const std::string& url() const { return url_; }

 private:
  class Impl;

  explicit HttpServer(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
  std::string url_;
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_HTTP_SERVER_H_
