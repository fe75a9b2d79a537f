#include "common/rpc/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <atomic>
#include <cctype>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/mutex.h"
#include "common/queue.h"
#include "common/rpc/address.h"
#include "common/rpc/tls_http_server.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr char kAuto[] = "auto";
constexpr char kAutoHost[] = "127.0.0.1";
constexpr int kAutoPort = 8080;
constexpr char kCookie[] = "drover_token=";
constexpr size_t kThreads = HttpServer::kMaxStreams + 4;
constexpr size_t kWaitingConnections = 64;
constexpr size_t kMaxBody = 4096;
constexpr size_t kMaxToken = 4096;
constexpr time_t kReadSeconds = 2;
constexpr time_t kWriteSeconds = 5;

constexpr char kLogin[] =
    "<!doctype html><html lang=en><meta charset=utf-8>"
    "<meta name=viewport content='width=device-width'><meta name=color-scheme content='light dark'>"
    "<link rel=icon href=data:,>"
    "<title>Drover</title><body style='font:16px system-ui;max-width:22em;margin:20vh auto;"
    "padding:0 1em'><h1>Drover</h1><form method=post action=/login><label>Token<br>"
    "<input name=token type=password autofocus autocomplete=current-password "
    "style='width:100%;font:inherit;padding:.4em;margin:.3em 0 1em'></label>"
    "<button style='font:inherit;padding:.4em 1em'>Show the run</button></form>";

// httplib's own takes any number of connections.
class BoundedPool final : public httplib::TaskQueue {
 public:
  BoundedPool() {
    for (size_t i = 0; i < kThreads; ++i) {
      threads_.emplace_back([this] {
        while (auto task = tasks_.Pop()) (*task)();
      });
    }
  }

  // While it waits, the kernel keeps those who come, some of them.
  void enqueue(std::function<void()> task) override { tasks_.Push(std::move(task)); }

  void shutdown() override {
    tasks_.Close();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  Queue<std::function<void()>> tasks_{kWaitingConnections};
  std::vector<std::thread> threads_;
};

// httplib's own lets two processes listen on one port.
void SetSocketOptions(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
}

struct HostPort {
  std::string host;
  int port = 0;
};

absl::StatusOr<HostPort> Split(const std::string& address) {
  DROVER_RETURN_IF_ERROR(CheckAddress(address));
  const size_t colon = address.rfind(':');
  HostPort result;
  absl::string_view host = absl::string_view(address).substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) absl::ConsumeSuffix(&host, "]");
  result.host = std::string(host);
  if (!absl::SimpleAtoi(address.substr(colon + 1), &result.port) || result.host == "unix") {
    return absl::InvalidArgumentError(absl::StrCat("\"", address, "\" is no HOST:PORT"));
  }
  return result;
}

std::string TokenOf(const httplib::Request& request) {
  const std::string header = request.get_header_value("Authorization");
  absl::string_view bearer = header;
  if (absl::ConsumePrefix(&bearer, "Bearer ")) return std::string(bearer);
  const std::string cookies = request.get_header_value("Cookie");
  const size_t begin = cookies.find(kCookie);
  if (begin == std::string::npos) return "";
  const size_t value = begin + sizeof(kCookie) - 1;
  return cookies.substr(value, cookies.find(';', value) - value);
}

// It goes into a header: no character that means something there.
bool FitsCookie(const std::string& token) {
  if (token.empty() || token.size() > kMaxToken) return false;
  for (const char c : token) {
    const bool fits =
        std::isalnum(static_cast<unsigned char>(c)) != 0 || std::strchr("-._~+/=:", c) != nullptr;
    if (!fits) return false;
  }
  return true;
}

// As a provider, not as content, which httplib would compress as hard as it can.
void SetReply(HttpReply reply, httplib::Response* response) {
  response->status = reply.status;
  const std::string type = reply.content_type;
  const size_t size = reply.body.size();
  if (size == 0) return response->set_content("", type);
  response->set_content_provider(
      size, type,
      [body = std::move(reply.body)](size_t offset, size_t length, httplib::DataSink& sink) {
        return sink.write(body.data() + offset, length);
      });
}

std::unique_ptr<httplib::Server> MakeServer(const HttpOptions& options) {
  if (options.tls == nullptr) return std::make_unique<httplib::Server>();
  return std::make_unique<TlsHttpServer>(options.tls);
}

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(HttpOptions options)
      : options_(std::move(options)),
        server_(MakeServer(options_)),
        scheme_(options_.tls == nullptr ? "http://" : "https://") {
    server_->new_task_queue = [] { return new BoundedPool; };
    server_->set_socket_options(SetSocketOptions);
    server_->set_keep_alive_max_count(1);  // an idle connection would keep a thread
    server_->set_read_timeout(kReadSeconds);
    server_->set_write_timeout(kWriteSeconds);
    server_->set_payload_max_length(kMaxBody);
    server_->set_default_headers({{"Cache-Control", "no-store"},
                                  {"Content-Security-Policy",
                                   "default-src 'self'; style-src 'self' 'unsafe-inline'; "
                                   "img-src 'self' data:; frame-ancestors 'none'"},
                                  {"Referrer-Policy", "no-referrer"},
                                  {"X-Content-Type-Options", "nosniff"}});
    server_->Get("/health", [](const httplib::Request&, httplib::Response& response) {
      response.set_content("ok\n", "text/plain");
    });
    if (!options_.allow) return;
    server_->Get("/login", [](const httplib::Request&, httplib::Response& response) {
      response.set_content(kLogin, "text/html");
    });
    server_->Post("/login", [this](const httplib::Request& request, httplib::Response& response) {
      LogIn(request, &response);
    });
  }

  ~Impl() {
    {
      MutexLock lock(&mutex_);
      over_ = true;
    }
    ended_.NotifyAll();
    server_->stop();
    if (thread_.joinable()) thread_.join();
  }

  absl::StatusOr<std::string> Bind() {
    if (options_.address == kAuto) {
      int port = kAutoPort;
      if (!server_->bind_to_port(kAutoHost, port)) port = server_->bind_to_any_port(kAutoHost);
      if (port < 0) return absl::UnavailableError("no port of this host is free");
      return absl::StrCat(scheme_, kAutoHost, ":", port);
    }
    DROVER_ASSIGN_OR_RETURN(HostPort at, Split(options_.address));
    if (!IsLocalAddress(options_.address) && !options_.allow && !options_.insecure) {
      return absl::InvalidArgumentError(absl::StrCat(
          "other hosts reach ", options_.address,
          ", where anyone could see the run: take 127.0.0.1, ask for tokens, or say --insecure"));
    }
    if (at.port == 0) {
      at.port = server_->bind_to_any_port(at.host);
    } else if (!server_->bind_to_port(at.host, at.port)) {
      at.port = -1;
    }
    if (at.port < 0) {
      return absl::UnavailableError(absl::StrCat("cannot listen on ", options_.address,
                                                 " for HTTP: `drover doctor --http ",
                                                 options_.address, "` says why"));
    }
    const bool v6 = at.host.find(':') != std::string::npos;
    return absl::StrCat(scheme_, v6 ? "[" : "", at.host, v6 ? "]" : "", ":", at.port);
  }

  void Get(const std::string& path, Handler handler) {
    server_->Get(path, [this, handler = std::move(handler)](const httplib::Request& request,
                                                            httplib::Response& response) {
      if (!Allowed(request, &response)) return;
      SetReply(handler(request.params), &response);
    });
  }

  void Events(const std::string& path, EventSource source, std::chrono::milliseconds period) {
    server_->Get(path, [this, source = std::move(source), period](const httplib::Request& request,
                                                                  httplib::Response& response) {
      if (!Allowed(request, &response)) return;
      if (++streams_ > kMaxStreams) {
        --streams_;
        return SetReply({503, "text/plain", "too many viewers: try again\n"}, &response);
      }
      response.set_chunked_content_provider(
          "text/event-stream",
          [this, source, period](size_t offset, httplib::DataSink& sink) {
            if (offset > 0 && !Sleep(period)) return false;
            const std::string text = source();
            const std::string event = text.empty() ? ":\n\n" : absl::StrCat("data: ", text, "\n\n");
            return sink.write(event.data(), event.size());
          },
          [this](bool) { --streams_; });
    });
  }

  void Start() {
    thread_ = std::thread([this] { server_->listen_after_bind(); });
    // Else a stop() that comes at once is lost.
    while (!server_->is_running()) std::this_thread::yield();
  }

 private:
  bool Allowed(const httplib::Request& request, httplib::Response* response) {
    if (!options_.allow || options_.allow(TokenOf(request))) return true;
    const bool browser = request.get_header_value("Accept").find("text/html") != std::string::npos;
    if (browser) {
      response->set_redirect("/login");
    } else {
      SetReply({401, "text/plain", "a token is needed: Authorization: Bearer TOKEN\n"}, response);
      response->set_header("WWW-Authenticate", "Bearer");
    }
    return false;
  }

  void LogIn(const httplib::Request& request, httplib::Response* response) {
    const std::string token = request.get_param_value("token");
    if (!FitsCookie(token) || !options_.allow(token)) {
      return SetReply({403, "text/html", absl::StrCat(kLogin, "<p>This token is not taken.")},
                      response);
    }
    response->set_header("Set-Cookie",
                         absl::StrCat(kCookie, token, "; HttpOnly; SameSite=Strict; Path=/",
                                      options_.tls == nullptr ? "" : "; Secure"));
    response->set_redirect("/", 303);
  }

  // False: the server ends.
  bool Sleep(std::chrono::milliseconds period) {
    MutexLock lock(&mutex_);
    const auto until = std::chrono::steady_clock::now() + period;
    while (!over_ && ended_.WaitUntil(&mutex_, until)) {
    }
    return !over_;
  }

  const HttpOptions options_;
  const std::unique_ptr<httplib::Server> server_;
  const std::string scheme_;
  std::atomic<int> streams_{0};
  Mutex mutex_;
  CondVar ended_;
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Make(HttpOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  DROVER_ASSIGN_OR_RETURN(std::string url, impl->Bind());
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(impl)));
  server->url_ = std::move(url);
  return server;
}

void HttpServer::Get(const std::string& path, Handler handler) {
  impl_->Get(path, std::move(handler));
}

void HttpServer::Events(const std::string& path, EventSource source,
                        std::chrono::milliseconds period) {
  impl_->Events(path, std::move(source), period);
}

void HttpServer::Start() { impl_->Start(); }

}  // namespace drover
