#include "common/rpc/tls_http_server.h"

#include <fcntl.h>
#include <netdb.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/openssl.h"
#include "common/rpc/limits.h"
#include "common/rpc/refusals.h"
#include "common/unique_fd.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;
using SslPtr = std::unique_ptr<SSL, OpensslFree<SSL_free>>;

// False: not before `until`. Also true where the connection broke: the next call says so.
bool WaitFor(short events, int socket, Clock::time_point until) {
  pollfd waiting{socket, events, 0};
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
  return poll(&waiting, 1, static_cast<int>(std::max<int64_t>(left.count(), 0))) != 0;
}

// "127.0.0.1".
std::string PeerOf(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  auto* const its = reinterpret_cast<sockaddr*>(&address);
  std::array<char, NI_MAXHOST> host{};
  const bool known =
      getpeername(socket, its, &size) == 0 &&
      getnameinfo(its, size, host.data(), host.size(), nullptr, 0, NI_NUMERICHOST) == 0;
  return known ? host.data() : "an address unknown";
}

// One connection, whose socket does not block.
class TlsStream final : public httplib::Stream {
 public:
  TlsStream(SSL* ssl, int socket, Clock::duration write_timeout)
      : ssl_(ssl), socket_(socket), write_timeout_(write_timeout) {}

  bool Accept() {
    const bool accepted = Try(read_until_, [this] { return SSL_accept(ssl_); });
    if (!accepted) NoteRefusal();
    return accepted;
  }

  ssize_t read(char* data, size_t size) override {
    size_t done = 0;
    const bool ok = Try(read_until_, [&] { return SSL_read_ex(ssl_, data, size, &done); });
    return ok ? static_cast<ssize_t>(done) : -1;
  }

  ssize_t write(const char* data, size_t size) override {
    if (size == 0) return 0;
    size_t done = 0;
    const bool ok =
        Try(Clock::now() + write_timeout_, [&] { return SSL_write_ex(ssl_, data, size, &done); });
    return ok ? static_cast<ssize_t>(done) : -1;
  }

  bool is_readable() const override {
    return SSL_pending(ssl_) > 0 || WaitFor(POLLIN, socket_, read_until_);
  }

  // A stream of events asks this before each, to end when its viewer has gone.
  bool is_writable() const override {
    return WaitFor(POLLOUT, socket_, Clock::now() + write_timeout_) &&
           !WaitFor(POLLRDHUP, socket_, Clock::now());
  }

  void get_remote_ip_and_port(std::string& ip, int& /*port*/) const override {
    ip = PeerOf(socket_);
  }
  void get_local_ip_and_port(std::string& /*ip*/, int& /*port*/) const override {}
  socket_t socket() const override { return socket_; }

 private:
  // Until one of OpenSSL's calls has done something.
  template <typename Call>
  bool Try(Clock::time_point until, const Call& call) {
    while (true) {
      ERR_clear_error();
      const int result = call();
      if (result > 0) return true;
      const int error = SSL_get_error(ssl_, result);
      if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) return false;
      late_ = !WaitFor(error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, socket_, until);
      if (late_) return false;
    }
  }

  // After an Accept() in vain.
  void NoteRefusal() const {
    const auto error = ERR_peek_error();
    const int reason = ERR_GET_REASON(error);
    const bool hung_up = error == 0 || reason == SSL_R_UNEXPECTED_EOF_WHILE_READING;
    const bool by_peer = reason >= SSL_AD_REASON_OFFSET;  // it told us so
    if (!late_ && (hung_up || by_peer)) return;
    const char* const text = late_ ? "too late" : ERR_reason_error_string(error);
    Refusals::OfProcess().Add(Refusal::kHandshake, absl::StrCat("a viewer at ", PeerOf(socket_),
                                                                ": ", text == nullptr ? "" : text));
  }

  SSL* const ssl_;
  const int socket_;
  const Clock::duration write_timeout_;
  const Clock::time_point read_until_ = Clock::now() + kHandshakeTimeout;
  bool late_ = false;
};

}  // namespace

bool TlsHttpServer::process_and_close_socket(socket_t socket) {
  const UniqueFd owned(socket);
  const TlsContext context = *context_->Get();
  const SslPtr ssl(SSL_new(context.get()));
  fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK);
  if (ssl == nullptr || SSL_set_fd(ssl.get(), socket) != 1) return false;
  TlsStream stream(ssl.get(), socket, std::chrono::seconds(write_timeout_sec_));
  bool served = false;
  if (stream.Accept()) {
    bool closed = false;
    served = process_request(stream, /*close_connection=*/true, closed, nullptr);
    SSL_shutdown(ssl.get());
  }
  ERR_clear_error();
  shutdown(socket, SHUT_RDWR);
  return served;
}

}  // namespace drover
