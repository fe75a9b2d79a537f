#ifndef DROVER_TESTS_SUPPORT_HOSTS_H_
#define DROVER_TESTS_SUPPORT_HOSTS_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/unique_fd.h"

// Several hosts on this machine: network namespaces on a bridge, with nothing but TCP/IP between
// them. They share files, processes and the boot id.
namespace drover {

class Hosts {
 public:
  // Why this machine cannot have them, for a test to skip; empty: it can.
  static std::string Lacks();

  // 0 … count - 1. One at a time in a process. Fails the test where that fails.
  explicit Hosts(int count);
  ~Hosts();  // this thread is back where it was before
  Hosts(const Hosts&) = delete;
  Hosts& operator=(const Hosts&) = delete;

  int count() const { return count_; }
  std::string Ip(int host) const;
  // Of its network, as `ip netns` has it.
  std::string Name(int host) const;
  // The command that runs `command` there.
  std::vector<std::string> On(int host, const std::vector<std::string>& command) const;
  // Moves this thread there, and with it what it starts from now on.
  void Enter(int host) const;

  // Pulls the host's cable out, or puts it back. What waits to be sent is sent later.
  void Cut(int host) const { SetLink(host, "down"); }
  void Mend(int host) const { SetLink(host, "up"); }
  // Of the packets that come to the host so many are lost from now on.
  void Lose(int host, int percent) const {
    Drop(host, absl::StrCat("numgen random mod 100 < ", percent));
  }
  // What comes to the host faster is lost from now on.
  void Throttle(int host, int kilobytes_per_second) const {
    Drop(host, absl::StrCat("limit rate over ", kilobytes_per_second, " kbytes/second"));
  }

 private:
  // Packets that come to the host and of which this holds, in nft's words; instead of those before.
  void Drop(int host, const std::string& which) const;
  void SetLink(int host, const std::string& state) const;

  const int count_;
  const std::string switch_;  // the bridge's own namespace
  const UniqueFd home_;       // where this thread was
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_HOSTS_H_
