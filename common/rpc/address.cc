#include "common/rpc/address.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/check.h"

namespace drover {
namespace {

constexpr absl::string_view kUnix = "unix:";
constexpr size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr size_t kMostOwnAddresses = 8;  // of a wildcard: a host of containers has many bridges

std::string ReadBootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  file >> id;
  return id;
}

absl::Status Malformed(absl::string_view address, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("\"", address, "\" is no address: ", why,
                                                 "; allowed: unix:/path, host:port, [IPv6]:port"));
}

// "host:port" -> host, without brackets; empty: it is not of that form.
absl::string_view HostOf(absl::string_view address) {
  const size_t colon = address.rfind(':');
  if (colon == absl::string_view::npos) return "";
  absl::string_view host = address.substr(0, colon);
  if (absl::ConsumePrefix(&host, "[")) return absl::ConsumeSuffix(&host, "]") ? host : "";
  return absl::StrContains(host, ':') ? "" : host;
}

// "host:port" to reach an interface's address; empty: nobody on another host would.
std::string AddressOf(const ifaddrs& interface, absl::string_view port) {
  const sockaddr* address = interface.ifa_addr;
  if (address == nullptr || (interface.ifa_flags & IFF_UP) == 0 ||
      (interface.ifa_flags & IFF_LOOPBACK) != 0) {
    return "";
  }
  char text[INET6_ADDRSTRLEN] = "";
  if (address->sa_family == AF_INET) {
    const auto* ip = reinterpret_cast<const sockaddr_in*>(address);
    inet_ntop(AF_INET, &ip->sin_addr, text, sizeof(text));
    return absl::StrCat(text, ":", port);
  }
  if (address->sa_family == AF_INET6) {
    const auto* ip = reinterpret_cast<const sockaddr_in6*>(address);
    if (IN6_IS_ADDR_LINKLOCAL(&ip->sin6_addr)) return "";
    inet_ntop(AF_INET6, &ip->sin6_addr, text, sizeof(text));
    return absl::StrCat("[", text, "]:", port);
  }
  return "";
}

// What a server that listens on a wildcard address is reached by: this host's own, or, where no
// interface but loopback is up, that.
std::vector<std::string> OwnAddresses(absl::string_view port) {
  std::vector<std::string> addresses;
  ifaddrs* list = nullptr;
  if (getifaddrs(&list) == 0) {
    const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(list, freeifaddrs);
    for (; list != nullptr && addresses.size() < kMostOwnAddresses; list = list->ifa_next) {
      std::string address = AddressOf(*list, port);
      if (!address.empty()) addresses.push_back(std::move(address));
    }
  }
  if (addresses.empty()) addresses.push_back(absl::StrCat("127.0.0.1:", port));
  return addresses;
}

bool IsWildcard(absl::string_view address) {
  return HostOf(address) == "0.0.0.0" || HostOf(address) == "::";
}

}  // namespace

const std::string& HostId() {
  static const std::string* const id = new std::string(ReadBootId());
  DROVER_CHECK(!id->empty()) << "this kernel has no boot id";
  return *id;
}

std::string HostName() {
  utsname names{};
  return uname(&names) == 0 ? names.nodename : "";
}

Endpoint LocalEndpoint(const std::vector<std::string>& addresses) {
  Endpoint endpoint;
  endpoint.set_host_id(HostId());
  for (const std::string& address : addresses) {
    if (!IsWildcard(address)) {
      endpoint.add_addresses(address);
      continue;
    }
    for (std::string& own : OwnAddresses(address.substr(address.rfind(':') + 1))) {
      endpoint.add_addresses(std::move(own));
    }
  }
  return endpoint;
}

absl::StatusOr<std::string> ChooseAddress(const Endpoint& endpoint, absl::string_view host_id) {
  const bool same_host = endpoint.host_id() == host_id;
  std::string chosen;
  for (const std::string& address : endpoint.addresses()) {
    if (!CheckAddress(address).ok()) continue;
    absl::string_view path = address;
    if (absl::ConsumePrefix(&path, kUnix)) {
      // A container has its host's boot id, but not its files.
      if (same_host && access(std::string(path).c_str(), W_OK) == 0) return address;
    } else if (chosen.empty() && (same_host || !IsLocalAddress(address))) {
      chosen = address;
    }
  }
  if (!chosen.empty()) return chosen;
  return absl::InvalidArgumentError(absl::StrCat("no address to reach from ",
                                                 same_host ? "this host" : "another host", ": ",
                                                 endpoint.ShortDebugString()));
}

absl::StatusOr<std::string> ChooseAddress(const Endpoint& endpoint) {
  return ChooseAddress(endpoint, HostId());
}

bool IsLocalAddress(absl::string_view address) {
  if (absl::StartsWith(address, kUnix)) return true;
  const std::string host(HostOf(address));
  in_addr ip{};
  const bool loopback = inet_pton(AF_INET, host.c_str(), &ip) == 1 && ntohl(ip.s_addr) >> 24 == 127;
  return loopback || host == "localhost" || host == "::1";
}

absl::Status CheckAddress(absl::string_view address) {
  absl::string_view path = address;
  if (absl::ConsumePrefix(&path, kUnix)) {
    if (path.empty()) return Malformed(address, "no path");
    if (path.size() > kLongestPath) {
      return Malformed(address, absl::StrCat("a socket's path has at most ", kLongestPath,
                                             " bytes, this one ", path.size()));
    }
    return absl::OkStatus();
  }
  if (HostOf(address).empty()) return Malformed(address, "no host");
  int port = -1;
  if (!absl::SimpleAtoi(address.substr(address.rfind(':') + 1), &port) || port < 0 ||
      port > 65535) {
    return Malformed(address, "no port of 0 … 65535");
  }
  return absl::OkStatus();
}

}  // namespace drover
