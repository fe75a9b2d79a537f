#include "deploy/doctor/connect.h"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover {
namespace {

constexpr size_t kUnixLength = sizeof("unix:") - 1;

absl::Status StatusOf(int error) {
  const std::string text = std::error_code(error, std::generic_category()).message();
  switch (error) {
    case ENOENT:
      return absl::NotFoundError(text);
    case ECONNREFUSED:
      return absl::UnavailableError(text);
    case ETIMEDOUT:
      return absl::DeadlineExceededError(text);
    case EACCES:
    case EPERM:
      return absl::PermissionDeniedError(text);
    default:
      return absl::FailedPreconditionError(text);
  }
}

// errno; 0: it is connected.
int Await(int fd, std::chrono::milliseconds limit) {
  pollfd waiting{fd, POLLOUT, 0};
  if (poll(&waiting, 1, static_cast<int>(limit.count())) <= 0) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof(error);
  getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

absl::StatusOr<UniqueFd> ConnectTo(const sockaddr* address, socklen_t size,
                                   std::chrono::milliseconds limit) {
  UniqueFd fd(socket(address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.valid()) return StatusOf(errno);
  if (connect(fd.get(), address, size) != 0) {
    const int error = errno == EINPROGRESS ? Await(fd.get(), limit) : errno;
    if (error != 0) return StatusOf(error);
  }
  const timeval patience{limit.count() / 1000, limit.count() % 1000 * 1000};
  setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  setsockopt(fd.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
  fcntl(fd.get(), F_SETFL, 0);
  return fd;
}

absl::StatusOr<UniqueFd> ConnectToSocket(const std::string& path, std::chrono::milliseconds limit) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return ConnectTo(reinterpret_cast<const sockaddr*>(&address), sizeof(address), limit);
}

}  // namespace

AddressParts PartsOf(const std::string& address) {
  if (absl::StartsWith(address, "unix:")) return {"", address.substr(kUnixLength)};
  const size_t colon = address.rfind(':');
  AddressParts parts{address.substr(0, colon), address.substr(colon + 1)};
  if (absl::StartsWith(parts.host, "[")) parts.host = parts.host.substr(1, parts.host.size() - 2);
  return parts;
}

absl::StatusOr<UniqueFd> Connect(const std::string& address, std::chrono::milliseconds limit) {
  const AddressParts parts = PartsOf(address);
  if (parts.host.empty()) return ConnectToSocket(parts.port, limit);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* list = nullptr;
  const int error = getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &list);
  if (error != 0) return absl::NotFoundError(gai_strerror(error));
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, freeaddrinfo);
  absl::StatusOr<UniqueFd> connected = absl::NotFoundError("no address");
  for (; list != nullptr && !connected.ok(); list = list->ai_next) {
    connected = ConnectTo(list->ai_addr, list->ai_addrlen, limit);
  }
  return connected;
}

}  // namespace drover
