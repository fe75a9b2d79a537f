// `drover up --on=kubernetes` on a real Kubernetes of one node: started, scaled, hurt, ended.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::chrono::seconds kStartLimit{300};  // of the cluster, and the image made
constexpr std::chrono::seconds kEndLimit{240};    // of a run: its pods have their graces

// As long as it exists. kubectl and what calls it from now on means it.
class Cluster {
 public:
  Cluster() : program_({Runfile("tests/support/kubernetes_cluster.sh"), dir_.path()}) {
    const auto ready = [&] { return std::filesystem::exists(dir_.path() + "/ready"); };
    EXPECT_TRUE(WaitFor([&] { return ready() || !program_.running(); }, kStartLimit));
    if (!ready()) lacks_ = absl::StrCat(program_.Stdout(), program_.Stderr());
    const Finished where =
        RunProgram({Runfile("tests/deploy/kubernetes/build_kubernetes.sh"), "--where"});
    const std::string kubernetes(absl::StripAsciiWhitespace(where.out));
    setenv("PATH", absl::StrCat(kubernetes, "/bin:", std::getenv("PATH")).c_str(), 1);
    setenv("HOME", dir_.path().c_str(), 1);  // of kubectl's cache
    setenv("KUBECONFIG", config().c_str(), 1);
  }
  ~Cluster() {
    program_.Signal(SIGTERM);
    program_.Wait();
  }
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // Why there is none; "": there is one.
  const std::string& lacks() const { return lacks_; }
  std::string config() const { return dir_.path() + "/kubeconfig"; }

 private:
  TempDirectory dir_ = *TempDirectory::Make();
  Program program_;
  std::string lacks_;
};

class KubernetesTest : public ClusterTest {
 protected:
  // One for all tests.
  static std::unique_ptr<Cluster>& TheCluster() {
    static auto* const cluster = new std::unique_ptr<Cluster>();
    return *cluster;
  }
  static void SetUpTestSuite() { TheCluster() = std::make_unique<Cluster>(); }
  static void TearDownTestSuite() { TheCluster().reset(); }

  void SetUp() override {
    const std::string& lacks = TheCluster()->lacks();
    if (absl::StrContains(lacks, "DROVER-SKIPPED")) {
      std::cout << lacks << std::endl;
      GTEST_SKIP() << lacks;
    }
    ASSERT_EQ(lacks, "");
    // Where `up` finds the manifests when no `bazel build` has put them beside it.
    std::filesystem::create_directory("deploy");
    std::filesystem::create_directory_symlink(Runfile("deploy/kubernetes"), "deploy/kubernetes");
  }

  void TearDown() override {
    if (!HasFailure()) return;
    std::cerr << Kubectl({"get", "pods,events", "--all-namespaces"});
  }

  static std::string Kubectl(std::vector<std::string> words) {
    words.insert(words.begin(), "kubectl");
    const Finished kubectl = RunProgram(words);
    EXPECT_TRUE(kubectl.exit.ok()) << kubectl.err;
    return kubectl.out;
  }

  // What a run has in a namespace, but for its volumes.
  static std::string Left(const std::string& name_space) {
    return Kubectl({"get", "deployments,replicasets,pods,services,configmaps", "-l", "app=drover",
                    "-o", "name", "-n", name_space});
  }

  std::vector<std::string> Up(const std::string& run_dir,
                              const std::vector<std::string>& more) const {
    std::vector<std::string> words = {"up",        Runfile("configs/cartpole_impala.textproto"),
                                      "--run_dir", run_dir,
                                      "--on",      "kubernetes",
                                      "--set",     "cluster.learner.memory_mib=2000",
                                      "--set",     "cluster.kubernetes.image=localhost/drover"};
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }

  // Does not end by itself.
  std::vector<std::string> UpForEver(const std::string& run_dir,
                                     std::vector<std::string> more) const {
    more.insert(more.end(), {"--insecure", "--max_frames", kManyFrames, "--set",
                             "target.return=1000", "--set", "evaluation.episodes=10"});
    return Up(run_dir, more);
  }

  // A number of `drover status`; 0: it says none.
  double Figure(const char* name) const {
    const nlohmann::json status = Status();
    return status.is_object() && status[name].is_number() ? status[name].get<double>() : 0;
  }

  // Of the live members of a role: the newest's; 0: there is none.
  uint64_t Epoch(const std::string& role) const {
    const nlohmann::json status = Status();
    uint64_t epoch = 0;
    if (!status.is_object()) return epoch;
    for (const nlohmann::json& member : status["members"]) {
      if (member["role"] != role || member["alive"] != true) continue;
      epoch = std::max(epoch, member["epoch"].get<uint64_t>());
    }
    return epoch;
  }

  // As when its node is drained.
  static void LosePod(const std::string& role) {
    Kubectl({"delete", "pod", "--wait=false", "-l", "role=" + role});
  }

  void Scale(size_t actors) const {
    const Finished scale = RunProgram(
        Drover({"scale", run_dir(), "--actors", std::to_string(actors), "--wait", "55"}));
    EXPECT_TRUE(scale.exit.ok()) << scale.err << Status();
    EXPECT_TRUE(WaitFor([&] { return Pods("actor").size() == actors; })) << Status();
  }

  // Their names, without those that are being ended: this Kubernetes forgets some a minute late.
  static std::vector<std::string> Pods(const std::string& role) {
    constexpr char kLiving[] =
        "go-template={{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}} "
        "{{end}}{{end}}";
    return absl::StrSplit(Kubectl({"get", "pods", "-l", "role=" + role, "-o", kLiving}), ' ',
                          absl::SkipEmpty());
  }
};

TEST_F(KubernetesTest, WhatCannotBePlacedIsRefusedAndLeavesNothing) {
  const auto refusal = [&](const std::vector<std::string>& more) {
    const Finished up = RunProgram(Up(run_dir(), more));
    EXPECT_EQ(up.exit.code, 2) << up.err;
    EXPECT_FALSE(std::filesystem::exists(run_dir()));
    return up.err;
  };
  EXPECT_THAT(refusal({}), HasSubstr("they need certificates"));
  const std::string certs = directory_.path() + "/certs";
  for (const char* command : {"init", "issue"}) {
    ASSERT_TRUE(RunProgram(Drover({"certs", command, certs})).exit.ok());
  }
  EXPECT_THAT(refusal({"--certs", certs}), HasSubstr("no secret drover-coordinator-certs"));

  // The API server is away.
  const std::string away = directory_.path() + "/away";
  std::string config = *ReadFile(TheCluster()->config());
  ASSERT_EQ(WriteFile(away, config.replace(config.find(":6443"), 5, ":6444")), absl::OkStatus());
  setenv("KUBECONFIG", away.c_str(), 1);
  EXPECT_THAT(refusal({"--insecure"}), HasSubstr("there is no Kubernetes to start it on"));
  setenv("KUBECONFIG", TheCluster()->config().c_str(), 1);
}

TEST_F(KubernetesTest, AHalfStartedClusterEndsWithItsReasonAndLeavesNothing) {
  const struct {
    const char* name_space;
    std::vector<std::string> more;
    const char* why;
  } cases[] = {
      {"image", {"--set", "cluster.kubernetes.image=nowhere/drover:9"}, "ImagePullBackOff"},
      // There is room for one of them.
      {"full", {"--actors", "2", "--set", "cluster.actor.cores=40"}, "Insufficient cpu"},
      {"quota", {}, "exceeded quota"},
      {"dying", {"--set", "device=cuda", "--set", "cluster.learner.gpus=0"}, "cuda"},
  };
  std::map<std::string, Program> ups;
  for (const auto& c : cases) {
    Kubectl({"create", "namespace", c.name_space});
    if (c.name_space == std::string("quota")) {
      Kubectl({"create", "quota", "few", "--hard=pods=3", "-n", c.name_space});
    }
    std::vector<std::string> more = {"--set",
                                     absl::StrCat("cluster.kubernetes.name_space=", c.name_space),
                                     // Those that do start leave the machine to others.
                                     "--set", "environment_options.step_seconds=0.01"};
    more.insert(more.end(), c.more.begin(), c.more.end());
    ups.emplace(c.name_space, UpForEver(absl::StrCat(directory_.path(), "/", c.name_space), more));
  }
  for (const auto& c : cases) {
    Program& up = ups.at(c.name_space);
    EXPECT_EQ(up.Wait(kEndLimit).code, 1) << c.name_space;
    EXPECT_THAT(up.Stderr(), HasSubstr(c.why)) << up.Stdout();
    EXPECT_THAT(Left(c.name_space), IsEmpty()) << c.name_space;
  }
}

TEST_F(KubernetesTest, TrainsScalesSurvivesAndEnds) {
  const Finished up = RunProgram(
      UpForEver(run_dir(), {"--actors", "2", "--detach", "--set", "checkpoint.every_seconds=1"}));
  ASSERT_TRUE(up.exit.ok()) << up.err << ReadFile(Path("logs/launcher-0.log")).value_or("");
  Kubectl({"wait", "deployment", "--all", "--for=condition=Available", "--timeout=60s"});
  Kubectl({"exec", "deployment/drover-learner", "--", "drover", "status", "--health",
           "--coordinator=drover-coordinator:7000", "--member=learner-0"});
  ASSERT_TRUE(WaitFor([&] { return Figure("mean_return") >= 475; })) << Status();
  Scale(3);
  Scale(1);

  // Each is replaced, and the run goes on: the learner from its checkpoint.
  for (const std::string role : {"learner", "actor", "coordinator"}) {
    const std::vector<std::string> before = Pods(role);
    const uint64_t epoch = Epoch(role);
    const double version = Figure("version");
    LosePod(role);
    EXPECT_TRUE(WaitFor([&] {
      const std::vector<std::string> now = Pods(role);
      return now.size() == 1 && now != before;
    }));
    EXPECT_TRUE(WaitFor([&] { return role == "coordinator" || Epoch(role) > epoch; })) << Status();
    EXPECT_TRUE(WaitFor([&] { return Figure("version") > version + 100; })) << role << Status();
  }
  const Finished logs = RunProgram(Drover({"logs", "learner", "--run", run_dir()}));
  EXPECT_THAT(logs.out, HasSubstr("goes on from"));

  // So is the launcher, by hand.
  for (const pid_t pid : mark_.Pids("launch")) kill(pid, SIGKILL);
  ASSERT_TRUE(WaitFor([&] { return mark_.Pids("launch").empty(); }));
  const Program launcher(Drover({"launch", run_dir()}));
  ASSERT_TRUE(WaitFor([&] { return Status().is_object(); })) << launcher.Stderr();
  Scale(2);

  Program down(Drover({"down", run_dir()}));
  EXPECT_TRUE(down.Wait(kEndLimit).ok()) << down.Stderr();
  EXPECT_EQ(Summary()["end_reason"], "stopped");
  EXPECT_THAT(Left("default"), IsEmpty());
  EXPECT_THAT(Kubectl({"get", "persistentvolumeclaims"}), HasSubstr("drover-learner"));
}

// With the volumes that the run before has left.
TEST_F(KubernetesTest, TrainsToItsMarkWithCertificates) {
  const std::string certs = directory_.path() + "/certs";
  for (const char* command : {"init", "issue"}) {
    ASSERT_TRUE(RunProgram(Drover({"certs", command, certs})).exit.ok());
  }
  for (const std::string role : {"coordinator", "learner", "actor"}) {
    Kubectl({"create", "secret", "generic", absl::StrCat("drover-", role, "-certs"),
             absl::StrCat("--from-file=", certs, "/", role)});
  }
  Program up(Up(run_dir(), {"--certs", certs, "--actors", "2"}));
  EXPECT_TRUE(up.Wait(kEndLimit).ok()) << up.Stderr();
  EXPECT_EQ(Summary()["reached_target"], true) << up.Stdout();
  EXPECT_THAT(Left("default"), IsEmpty());
}

}  // namespace
}  // namespace drover
