#include "tests/support/slurm.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/parent_watch.h"

namespace drover {
namespace {

std::vector<std::string> Lines(const std::vector<std::string>& command) {
  const Finished finished = RunProgram(command);
  EXPECT_TRUE(finished.exit.ok()) << finished.err;
  return absl::StrSplit(finished.out, '\n', absl::SkipEmpty());
}

std::vector<std::string> NodesOn(const Hosts& hosts) {
  hosts.Enter(0);
  std::vector<std::string> nodes;
  for (int host = 0; host < hosts.count(); ++host) {
    nodes.push_back(absl::StrCat(hosts.Name(host), "@", hosts.Ip(host)));
  }
  return nodes;
}

std::vector<std::string> StartCommand(const std::string& directory,
                                      const std::vector<std::string>& nodes) {
  // munged's user must reach its socket.
  std::filesystem::permissions(std::filesystem::path(directory).parent_path(),
                               std::filesystem::perms(0755));
  setenv("PATH", absl::StrCat(std::getenv("PATH"), ":/usr/sbin:/sbin").c_str(), 1);
  setenv("SLURM_CONF", (directory + "/slurm.conf").c_str(), 1);
  std::vector<std::string> command = {Runfile("tests/support/slurm_cluster.sh"), directory};
  command.insert(command.end(), nodes.begin(), nodes.end());
  return command;
}

}  // namespace

std::string Slurm::Lacks() {
  if (geteuid() != 0) return "starting a Slurm needs root";
  const char* const find = "PATH=$PATH:/usr/sbin:/sbin; command -v slurmctld && command -v munged";
  return RunProgram({"sh", "-c", find}).exit.ok() ? "" : "slurm-wlm or munge is not installed";
}

Slurm::Slurm(const std::string& directory, const Hosts& hosts) : Slurm(directory, NodesOn(hosts)) {}

Slurm::Slurm(const std::string& directory, const std::vector<std::string>& nodes)
    : directory_(directory), cluster_(StartCommand(directory, nodes)) {
  EXPECT_TRUE(WaitFor([&] { return std::filesystem::exists(directory_ + "/ready"); }))
      << cluster_.Stderr();
}

Slurm::~Slurm() {
  EXPECT_EQ(Queue(), std::vector<std::string>());
  cluster_.Signal(SIGTERM);
  cluster_.Wait();
  unsetenv("SLURM_CONF");
}

std::vector<std::string> Slurm::Queue() const {
  std::vector<std::string> jobs = Lines({"squeue", "--noheader", "--array", "-o", "%j %K %T %N"});
  for (std::string& job : jobs) {
    const size_t dot = job.rfind('.', job.find(' '));  // before it is the run's id
    if (dot != std::string::npos) job = job.substr(dot + 1);
  }
  std::sort(jobs.begin(), jobs.end());
  return jobs;
}

std::string Slurm::LearnersJob() const {
  for (const std::string& line : Lines({"squeue", "--noheader", "--format", "%i %j"})) {
    if (absl::EndsWith(line, ".learner")) return line.substr(0, line.find(' '));
  }
  return "";
}

std::string Slurm::NodeOf(const std::string& who) const {
  for (const std::string& job : Queue()) {
    if (absl::StartsWith(job, absl::StrCat(who, " RUNNING "))) {
      return job.substr(job.rfind(' ') + 1);
    }
  }
  return "";
}

std::string Slurm::Submit(const std::vector<std::string>& words) const {
  // A person has no pipe to a parent.
  std::vector<std::string> command = {"env", "-u", kParentPipeVariable, "sbatch", "--parsable"};
  command.insert(command.end(), words.begin(), words.end());
  const Finished sbatch = RunProgram(command);
  EXPECT_TRUE(sbatch.exit.ok()) << sbatch.err;
  return std::string(absl::StripAsciiWhitespace(sbatch.out));
}

void Slurm::KillNode(const std::string& node, const ProcessMark& mark) const {
  pid_t daemon = 0;
  ASSERT_TRUE(absl::SimpleAtoi(*ReadFile(directory_ + "/" + node + ".pid"), &daemon));
  std::vector<pid_t> there = {daemon};
  for (const char* role : {"coordinator", "learner", "actor"}) {
    for (const pid_t pid : mark.Pids(role)) {
      const std::string environment =
          ReadFile(absl::StrCat("/proc/", pid, "/environ")).value_or("");
      if (environment.find("SLURMD_NODENAME=" + node) == std::string::npos) continue;
      std::istringstream stat(ReadFile(absl::StrCat("/proc/", pid, "/stat")).value_or(""));
      std::string ignored;
      pid_t step = 0;  // its slurmstepd
      stat >> ignored >> ignored >> ignored >> step;
      there.insert(there.end(), {step, pid});
    }
  }
  for (const pid_t pid : there) {
    if (pid > 1) kill(pid, SIGKILL);
  }
}

}  // namespace drover
