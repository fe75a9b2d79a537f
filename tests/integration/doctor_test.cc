// `drover doctor` of a machine that is well, and with faults planted one after the other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/rpc/acceptor.h"
#include "deploy/certificates.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

class DoctorTest : public ClusterTest {
 protected:
  static Finished Doctor(std::vector<std::string> words) {
    words.insert(words.begin(), "doctor");
    return RunProgram(Drover(words));
  }

  // That it is found, with what mends it in the line after, and makes the exit code 1.
  static void ExpectWrong(const std::vector<std::string>& words, const std::string& what,
                          const std::string& found, const std::string& mend) {
    std::vector<std::string> all = words;
    all.emplace_back("--json");
    const Finished doctor = Doctor(all);
    EXPECT_EQ(doctor.exit.code, 1) << what;
    EXPECT_EQ(doctor.err, "");
    const auto json = nlohmann::json::parse(doctor.out);
    EXPECT_EQ(json["ok"], false);
    for (const nlohmann::json& finding : json["findings"]) {
      if (finding["what"] != what || finding["level"] == "ok") continue;
      EXPECT_EQ(finding["level"], "wrong");
      EXPECT_THAT(finding["found"], HasSubstr(found));
      EXPECT_THAT(finding["mend"], HasSubstr(mend));
      return;
    }
    ADD_FAILURE() << "not found: " << what << "\n" << doctor.out;
  }

  // The soft limit of open files of a process, and the hard one.
  static std::pair<rlim_t, rlim_t> OpenFiles(pid_t pid) {
    rlimit limit{};
    EXPECT_EQ(prlimit(pid, RLIMIT_NOFILE, nullptr, &limit), 0);
    return {limit.rlim_cur, limit.rlim_max};
  }

  const std::string config_ = Runfile("configs/catch_impala.textproto");
};

TEST_F(DoctorTest, AMachineThatIsWell) {
  const Finished doctor = Doctor({config_, "--actors", "2"});
  EXPECT_EQ(doctor.exit.code, 0) << doctor.out << doctor.err;
  for (const char* line :
       {"ok       clock", "ok       LibTorch", "ok       GPU", "ok       config",
        "catch_impala: impala on Catch-v0", "ok       --on=local", "ok       memory",
        "ok       open files", "directory runs", "--http 127.0.0.1:8080", " looked at: 0 wrong"}) {
    EXPECT_THAT(doctor.out, HasSubstr(line));
  }
  EXPECT_EQ(Doctor({}).exit.code, 0) << "without a config";
  EXPECT_EQ(Doctor({"--on=moon"}).exit.code, 2);
  EXPECT_FALSE(Exists("")) << "it makes nothing";
}

TEST_F(DoctorTest, Configs) {
  std::ofstream("bad.textproto") << "environment: \"Catch-v0\"\nalgorithm: \"impla\"\n";
  ExpectWrong({"bad.textproto"}, "config", "bad.textproto:2:1", "drover resolve");
  ExpectWrong({config_, "--actors", "4096"}, "memory", "wanted", "--actors ");
  if (access("/dev/nvidia0", F_OK) != 0) {
    ExpectWrong({config_, "--set", "device=cuda"}, "GPU",
                "1 wanted; none to be used: ", "device=cpu");
  }
}

TEST_F(DoctorTest, PortsAndDirectories) {
  const auto taken = Acceptor::Listen("127.0.0.1:0");
  ASSERT_TRUE(taken.ok()) << taken.status();
  const std::string address = absl::StrCat("127.0.0.1:", (*taken)->port());
  ExpectWrong({"--listen", address}, "--listen " + address,
              absl::StrCat("taken by process ", getpid()), "--listen 127.0.0.1:");
  ExpectWrong({"--http", address}, "--http " + address, "taken by", "--http 127.0.0.1:");
  std::ofstream("runs") << "no directory";
  ExpectWrong({}, "directory runs", "is a file", "mv ");
}

TEST_F(DoctorTest, CertificatesAndPeers) {
  const std::string certs = directory_.path() + "/certs";
  const absl::Time now = absl::Now();
  ASSERT_TRUE(InitAuthority(certs, ForDays(30)).ok());
  ASSERT_TRUE(
      IssueCertificate(certs, "actor", {}, {now - absl::Hours(2), now - absl::Hours(1)}).ok());
  ExpectWrong({"--certs", certs}, "certificate " + certs + "/actor", "certificate has expired",
              "drover certs issue " + certs + " actor");
  ExpectWrong({"--on=slurm"}, "certificates", "none", "drover certs init");
  EXPECT_THAT(Doctor({"--certs", certs, "--peer", "127.0.0.1:1"}).out,
              HasSubstr("not called: the certificates are wrong"));
  const std::string nowhere =
      absl::StrCat("127.0.0.1:", (*Acceptor::Listen("127.0.0.1:0"))->port());
  ExpectWrong({"--peer", nowhere}, "peer at " + nowhere, "Connection refused", "--listen");
}

// The loader takes a library that is none, as a half-unpacked one would be.
TEST_F(DoctorTest, LibTorchThatDoesNotLoad) {
  std::ofstream(directory_.path() + "/libc10.so") << "";
  setenv("LD_LIBRARY_PATH", directory_.path().c_str(), 1);
  ExpectWrong({config_}, "LibTorch", "libc10.so: file too short", "./drover build");
  unsetenv("LD_LIBRARY_PATH");
}

TEST_F(DoctorTest, ARunAndItsOpenFiles) {
  // Above what a process of a small run has, below what one of a large run would.
  std::vector<std::string> command = {"/bin/sh", "-c", "ulimit -S -n 64; exec \"$@\"", "sh"};
  for (const std::string& word : Train(kManyFrames)) command.push_back(word);
  Program train(command);
  WaitForFrames();
  for (const char* role : {"coordinator", "learner", "actor"}) {
    const auto [soft, hard] = OpenFiles(mark_.Pids(role).at(0));
    EXPECT_EQ(soft, hard) << role;
  }
  const Finished doctor = Doctor({"--run", run_dir()});
  EXPECT_EQ(doctor.exit.code, 0) << doctor.out;
  for (const char* line : {"ok       coordinator at unix:", "ok       clock of coordinator",
                           "ok       learner 0 at unix:"}) {
    EXPECT_THAT(doctor.out, HasSubstr(line));
  }
  train.Signal(SIGINT);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  ExpectWrong({"--run", run_dir()}, "run " + run_dir(), "", "drover up");
}

}  // namespace
}  // namespace drover
