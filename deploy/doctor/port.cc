#include "deploy/doctor/port.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "common/rpc/acceptor.h"
#include "common/rpc/address.h"
#include "deploy/doctor/certs.h"
#include "deploy/doctor/connect.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

constexpr char kAutoAddress[] = "127.0.0.1:8080";
constexpr char kListening[] = "0A";  // in /proc/net/tcp
constexpr int kFirstFree = 1024;     // those below are root's
constexpr std::chrono::milliseconds kPatience{1000};

// Sockets that listen at a port of this host, by their inodes.
std::set<std::string> Listeners(int port) {
  std::set<std::string> inodes;
  const std::string suffix = absl::StrFormat(":%04X", port);
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(table);
    for (std::string line; std::getline(file, line);) {
      std::istringstream words(line);
      std::string local;
      std::string state;
      std::string skip;
      std::string inode;
      words >> skip >> local >> skip >> state;
      for (int i = 0; i < 6; ++i) words >> inode;
      absl::string_view view = local;
      if (state == kListening && absl::ConsumeSuffix(&view, suffix)) inodes.insert(inode);
    }
  }
  return inodes;
}

bool HasSocket(const fs::path& process, const std::set<std::string>& inodes) {
  std::error_code error;
  for (fs::directory_iterator it(process / "fd", error), end; !error && it != end;
       it.increment(error)) {
    std::error_code gone;
    const std::string target = fs::read_symlink(it->path(), gone).string();
    absl::string_view inode = target;
    if (absl::ConsumePrefix(&inode, "socket:[") && absl::ConsumeSuffix(&inode, "]") &&
        inodes.count(std::string(inode)) > 0) {
      return true;
    }
  }
  return false;
}

struct Holder {
  int pid = 0;
  std::string name;
};

// The process that listens at a port; pid 0: this user may not know.
Holder HolderOf(int port) {
  const std::set<std::string> inodes = Listeners(port);
  if (inodes.empty()) return {};
  std::error_code error;
  for (fs::directory_iterator it("/proc", error), end; !error && it != end; it.increment(error)) {
    Holder holder;
    if (!absl::SimpleAtoi(it->path().filename().string(), &holder.pid)) continue;
    if (!HasSocket(it->path(), inodes)) continue;
    std::getline(std::ifstream(it->path() / "comm"), holder.name);
    return holder;
  }
  return {};
}

// The same host with a port that is free now; "" if it is not this one.
std::string FreeAddress(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':') + 1);
  const auto acceptor = Acceptor::Listen(host + "0");
  return acceptor.ok() ? absl::StrCat(host, (*acceptor)->port()) : "";
}

Finding CheckSocket(const std::string& what, const std::string& address) {
  const fs::path path = PartsOf(address).port;
  const fs::path directory = path.has_parent_path() ? path.parent_path() : ".";
  if (!fs::is_directory(directory)) {
    return Wrong(what, absl::StrCat("there is no directory ", directory.string()),
                 absl::StrCat("mkdir -p ", directory.string()));
  }
  if (access(directory.c_str(), W_OK) != 0) {
    return Wrong(what, absl::StrCat(directory.string(), " cannot be written to"),
                 absl::StrCat("chown $USER ", directory.string()));
  }
  if (!Connect(address, kPatience).ok()) return Ok(what, "free");
  return Wrong(what, "a process listens there already",
               absl::StrCat("lsof ", path.string(), "  # which one; or another path"));
}

}  // namespace

Finding CheckPort(const std::string& flag, const std::string& address, bool guarded) {
  const std::string what = absl::StrCat(flag, " ", address);
  const AddressParts parts = PartsOf(address);
  if (parts.host.empty()) return CheckSocket(what, address);
  if (!IsLocalAddress(address) && !guarded) {
    return Wrong(what, "other hosts reach it, and nothing would check who connects", MakeCerts());
  }
  const auto acceptor = Acceptor::Listen(address);
  if (acceptor.ok()) return Ok(what, "free");
  const int port = std::stoi(parts.port);
  const std::string free_address = FreeAddress(address);
  if (free_address.empty() || Listeners(port).empty()) {
    const bool reserved = !free_address.empty() && port < kFirstFree && geteuid() != 0;
    return Wrong(what, std::string(acceptor.status().message()),
                 reserved ? absl::StrCat("sysctl net.ipv4.ip_unprivileged_port_start=", port)
                          : absl::StrCat("ip -brief address  # this host's own; or ", flag,
                                         " 0.0.0.0:", port));
  }
  const Holder holder = HolderOf(port);
  const std::string free = absl::StrCat(flag, " ", free_address);
  if (holder.pid == 0) return Wrong(what, "taken, by another user's process", free);
  return Wrong(what, absl::StrCat("taken by process ", holder.pid, " (", holder.name, ")"),
               absl::StrCat("kill ", holder.pid, "; or ", free));
}

Finding CheckAutoPort() {
  const Finding finding = CheckPort("--http", kAutoAddress, /*guarded=*/false);
  if (finding.level == Finding::Level::kOk) return finding;
  return Ok(finding.what, absl::StrCat(finding.found, ": the dashboard takes another port"));
}

}  // namespace drover
