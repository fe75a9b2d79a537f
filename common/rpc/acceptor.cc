#include "common/rpc/acceptor.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/rpc/limits.h"
#include "common/rpc/refusals.h"
#include "common/status_macros.h"

namespace drover {
namespace {

constexpr int kBacklog = 4096;
constexpr std::chrono::milliseconds kNoDescriptors{100};  // until some are free again

using AddressList = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

absl::Status CannotListen(const std::string& address, const std::string& why) {
  return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", why));
}

absl::StatusOr<AddressList> Resolve(const std::string& address) {
  const size_t colon = address.rfind(':');
  std::string host = address.substr(0, colon);
  if (host.front() == '[') host = host.substr(1, host.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), address.substr(colon + 1).c_str(), &hints, &found);
  if (error != 0) return CannotListen(address, gai_strerror(error));
  return AddressList(found, freeaddrinfo);
}

void SetOption(int fd, int level, int option, int value) {
  setsockopt(fd, level, option, &value, sizeof(value));
}

// What the connections inherit, as gRPC's own listeners have it.
void SetOptions(int fd) {
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR, 1);
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(kKeepaliveTimeout.count()));
}

int PortOf(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  DROVER_CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) == 0);
  return ntohs(storage.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&storage)->sin_port);
}

void SetPort(sockaddr* address, int port) {
  const auto wire = htons(static_cast<uint16_t>(port));
  if (address->sa_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(address)->sin6_port = wire;
  } else {
    reinterpret_cast<sockaddr_in*>(address)->sin_port = wire;
  }
}

// Invalid, with errno, where it cannot.
UniqueFd ListenAt(const addrinfo& where) {
  UniqueFd fd(socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return fd;
  SetOptions(fd.get());
  if (bind(fd.get(), where.ai_addr, where.ai_addrlen) != 0 || listen(fd.get(), kBacklog) != 0) {
    const int error = errno;
    fd.Close();
    errno = error;
  }
  return fd;
}

std::string Text(const sockaddr_storage& address, socklen_t size) {
  std::array<char, NI_MAXHOST> host{};
  const int error = getnameinfo(reinterpret_cast<const sockaddr*>(&address), size, host.data(),
                                host.size(), nullptr, 0, NI_NUMERICHOST);
  return error == 0 ? host.data() : "an address unknown";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Acceptor>> Acceptor::Listen(const std::string& address) {
  DROVER_ASSIGN_OR_RETURN(const AddressList addresses, Resolve(address));
  std::unique_ptr<Acceptor> acceptor(new Acceptor);
  acceptor->stop_ = UniqueFd(eventfd(0, EFD_CLOEXEC));
  int error = 0;
  for (const addrinfo* each = addresses.get(); each != nullptr; each = each->ai_next) {
    if (acceptor->port_ != 0) SetPort(each->ai_addr, acceptor->port_);
    UniqueFd listener = ListenAt(*each);
    if (!listener.valid()) {
      error = errno;
      continue;
    }
    acceptor->port_ = PortOf(listener.get());
    acceptor->listeners_.push_back(std::move(listener));
  }
  if (acceptor->listeners_.empty()) {
    return CannotListen(address, std::error_code(error, std::generic_category()).message());
  }
  return acceptor;
}

Acceptor::~Acceptor() {
  if (!thread_.joinable()) return;
  const uint64_t one = 1;
  DROVER_CHECK(write(stop_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

void Acceptor::Start(ConnectionLimiter limiter, Take take) {
  thread_ = std::thread([this, limiter = std::move(limiter), take = std::move(take)]() mutable {
    Loop(&limiter, take);
  });
}

void Acceptor::Loop(ConnectionLimiter* limiter, const Take& take) {
  std::vector<pollfd> waiting = {{stop_.get(), POLLIN, 0}};
  for (const UniqueFd& listener : listeners_) waiting.push_back({listener.get(), POLLIN, 0});
  int timeout = -1;
  while (true) {
    for (pollfd& each : waiting) each.revents = 0;
    const size_t count = timeout < 0 ? waiting.size() : 1;
    if (poll(waiting.data(), count, timeout) < 0) continue;  // a signal
    if (waiting[0].revents != 0) return;
    timeout = -1;
    for (size_t i = 1; i < waiting.size(); ++i) {
      if (waiting[i].revents == 0) continue;
      if (!AcceptOne(waiting[i].fd, limiter, take))
        timeout = static_cast<int>(kNoDescriptors.count());
    }
  }
}

bool Acceptor::AcceptOne(int listener, ConnectionLimiter* limiter, const Take& take) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  UniqueFd connection(accept4(listener, reinterpret_cast<sockaddr*>(&address), &size,
                              SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!connection.valid()) {
    return errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM;
  }
  const std::string peer = Text(address, size);
  if (limiter->Admit(peer, std::chrono::steady_clock::now())) {
    take(listener, std::move(connection));
  } else {
    Refusals::OfProcess().Add(Refusal::kConnectionRate, peer);
  }
  return true;
}

}  // namespace drover
