#include "tests/support/hosts.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "tests/support/program.h"

namespace drover {
namespace {

// What this needs is not on the path of a person, and of a Bazel test.
std::vector<std::string> Shell(const std::string& script) {
  return {"sh", "-c", "PATH=$PATH:/usr/sbin:/sbin; set -e\n" + script};
}

// What tests that were killed have left: drover-<pid>-….
constexpr char kRemoveOld[] = R"(
ip netns list | while read -r name _; do
  pid=${name#drover-}
  [ "$pid" = "$name" ] || [ -e "/proc/${pid%%-*}" ] || ip netns del "$name" || true
done)";

void Run(const std::string& script) {
  const Finished finished = RunProgram(Shell(script));
  EXPECT_TRUE(finished.exit.ok()) << script << "\n" << finished.err;
}

}  // namespace

std::string Hosts::Lacks() {
  if (geteuid() != 0) return "needs root, to make network namespaces";
  const std::string name = absl::StrCat("drover-", getpid(), "-probe");
  const Finished made = RunProgram(Shell(absl::StrCat(
      "command -v nsenter nft >/dev/null || { echo no nsenter or nft >&2; exit 1; }\n",
      "ip netns add ", name, "\ntrap 'ip netns del ", name, "' EXIT\n", "ip -n ", name,
      " link add name br0 type bridge\n", "ip netns exec ", name, " nft add table inet t")));
  return made.exit.ok() ? "" : absl::StrCat("needs network namespaces: ", made.err);
}

Hosts::Hosts(int count)
    : count_(count),
      switch_(absl::StrCat("drover-", getpid(), "-switch")),
      home_(open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC)) {
  Run(kRemoveOld);
  Run(absl::StrCat("ip netns add ", switch_, "\nip -n ", switch_,
                   " link add name br0 up type bridge"));
  for (int host = 0; host < count_; ++host) {
    const std::string name = Name(host);
    const std::string port = absl::StrCat("port", host);
    Run(absl::StrJoin(
        {absl::StrCat("ip netns add ", name), absl::StrCat("ip -n ", name, " link set lo up"),
         absl::StrCat("ip -n ", switch_, " link add name ", port,
                      " up master br0 type veth peer name", " eth0 netns ", name),
         absl::StrCat("ip -n ", name, " address add ", Ip(host), "/24 dev eth0"),
         absl::StrCat("ip -n ", name, " link set eth0 up")},
        "\n"));
  }
}

Hosts::~Hosts() {
  EXPECT_EQ(setns(home_.get(), CLONE_NEWNET), 0);
  for (int host = 0; host < count_; ++host) Run("ip netns del " + Name(host));
  Run("ip netns del " + switch_);
}

std::string Hosts::Name(int host) const { return absl::StrCat("drover-", getpid(), "-h", host); }

std::string Hosts::Ip(int host) const { return absl::StrCat("10.77.0.", host + 1); }

std::vector<std::string> Hosts::On(int host, const std::vector<std::string>& command) const {
  std::vector<std::string> words = {"nsenter", absl::StrCat("--net=/run/netns/", Name(host))};
  words.insert(words.end(), command.begin(), command.end());
  return words;
}

void Hosts::Enter(int host) const {
  const UniqueFd there(open(("/run/netns/" + Name(host)).c_str(), O_RDONLY | O_CLOEXEC));
  EXPECT_EQ(setns(there.get(), CLONE_NEWNET), 0);
}

void Hosts::SetLink(int host, const std::string& state) const {
  Run(absl::StrCat("ip -n ", switch_, " link set port", host, " ", state));
}

void Hosts::Drop(int host, const std::string& which) const {
  const std::string nft = absl::StrCat("ip netns exec ", Name(host), " nft ");
  Run(absl::StrJoin({nft + "'add table inet lossy'",
                     nft + "'add chain inet lossy input { type filter hook input priority 0; }'",
                     nft + "flush chain inet lossy input",
                     absl::StrCat(nft, "'add rule inet lossy input iif eth0 ", which, " drop'")},
                    "\n"));
}

}  // namespace drover
