// What `drover up --on=kubernetes` makes of a config, by the real kubectl and Kubernetes' schemas;
// and what it makes of what Kubernetes says. (No cluster is here: what needs one is not tested.)

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "common/file.h"
#include "deploy/command.h"
#include "deploy/kubernetes/kubernetes_engine.h"
#include "deploy/kubernetes/kubernetes_overlay.h"
#include "deploy/kubernetes/kubernetes_pods.h"
#include "tests/support/program.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class KubernetesTest : public ::testing::Test {
 protected:
  KubernetesTest() {
    experiment_.mutable_actors()->set_count(7);
    ClusterPlan* cluster = experiment_.mutable_cluster();
    cluster->mutable_learner()->set_gpus(2);
    cluster->mutable_learner()->set_cores(6);
    cluster->mutable_actor()->add_features("disk=fast");
    cluster->mutable_kubernetes()->set_image("registry.example:5000/rl/drover:1.2");
    cluster->mutable_kubernetes()->set_name_space("poles");
    cluster->mutable_kubernetes()->set_storage_gib(3);
    placement_.run_dir = directory_.path() + "/pole-1";
    // As if the program were beside the manifests.
    placement_.drover = Runfile("deploy/bin/drover");
  }

  // What kubectl would apply; it is valid.
  std::string Manifests() {
    placement_.experiment = experiment_;
    EXPECT_EQ(MakeDirectories(placement_.run_dir), absl::OkStatus());
    EXPECT_EQ(WriteFile(placement_.run_dir + "/config.textproto", "seed: 3\n"), absl::OkStatus());
    EXPECT_EQ(MakeKubernetesEngine(placement_)->Prepare(), absl::OkStatus());
    const auto made = CommandOutput({"kubectl", "kustomize", placement_.run_dir + "/kubernetes"});
    EXPECT_EQ(made.status(), absl::OkStatus());
    const std::string file = directory_.path() + "/made.yaml";
    EXPECT_EQ(WriteFile(file, made.value_or("")), absl::OkStatus());
    const auto where = CommandOutput({Runfile("tests/interop/setup.sh"), "--where"});
    EXPECT_EQ(CommandOutput({where->substr(0, where->find('\n')) + "/bin/kubernetes-validate",
                             "--strict", "--quiet", "-k", "1.31", file})
                  .status(),
              absl::OkStatus());
    return made.value_or("");
  }

  TempDirectory directory_ = *TempDirectory::Make();
  Experiment experiment_;
  Placement placement_;
};

TEST_F(KubernetesTest, ManifestsAreWhatTheConfigSays) {
  if (!CommandOutput({"kubectl", "version", "--client"}).ok()) {
    std::cout << "DROVER-SKIPPED: needs kubectl" << std::endl;
    GTEST_SKIP();
  }
  std::string made = Manifests();
  for (const char* part :
       {"replicas: 7", "nvidia.com/gpu: 2", "cpu: \"6\"", "memory: 4096Mi", "disk: fast",
        "image: registry.example:5000/rl/drover:1.2", "namespace: poles", "storage: 3Gi", "seed: 3",
        "--run_dir=/home/drover/runs/pole-1", "secretName: drover-learner-certs"}) {
    EXPECT_THAT(made, HasSubstr(part));
  }
  EXPECT_THAT(made, Not(HasSubstr("--insecure")));

  experiment_.set_topology(Topology::d4pg);
  experiment_.mutable_replay()->set_shards(2);
  placement_.insecure = true;
  made = Manifests();
  for (const char* part : {"name: drover-replay-1", "--index=1", "--member=replay-1",
                           "claimName: drover-replay-1", "--insecure"}) {
    EXPECT_THAT(made, HasSubstr(part));
  }
  EXPECT_THAT(made, Not(HasSubstr("secretName")));
  EXPECT_THAT(made, Not(HasSubstr("DROVER_CERTS")));
}

TEST_F(KubernetesTest, WhatCannotBePlacedIsRefusedBeforeAnythingStarts) {
  const auto refusal = [&] {
    placement_.experiment = experiment_;
    return std::string(MakeKubernetesEngine(placement_)->Check().message());
  };
  setenv("KUBECONFIG", "/nowhere", 1);
  EXPECT_THAT(refusal(), HasSubstr("there is no Kubernetes to start it on"));
  experiment_.mutable_evaluation()->set_every_frames(10);
  EXPECT_THAT(refusal(), HasSubstr("no evaluator"));
  experiment_.clear_evaluation();
  experiment_.mutable_cluster()->mutable_learner()->add_features("gpu");
  EXPECT_THAT(refusal(), HasSubstr("\"gpu\" is no label"));
  placement_.resume = true;
  EXPECT_THAT(refusal(), HasSubstr("not resumed"));
}

std::string PodList(const std::string& state, int restarts) {
  return R"({"items": [{"metadata": {"name": "other"}, "status": {}}, {"metadata":
      {"name": "drover-learner-7f"}, "status": {"containerStatuses": [{"restartCount": )" +
         std::to_string(restarts) + R"(, "state": )" + state + "}]}}]}";
}

TEST(KubernetesPodsTest, TellsWhatWillNeverStart) {
  const std::string pull =
      R"({"waiting": {"reason": "ImagePullBackOff", "message": "no drover:9"}})";
  EXPECT_EQ(CheckPods(PodList(pull, 0)).message(),
            "pod drover-learner-7f cannot run: ImagePullBackOff: no drover:9");
  EXPECT_EQ(CountPods(PodList(pull, 0)), 2);
  const std::string crash = R"({"waiting": {"reason": "CrashLoopBackOff", "message": "back-off"}})";
  EXPECT_EQ(CheckPods(PodList(crash, 4)), absl::OkStatus());
  EXPECT_THAT(std::string(CheckPods(PodList(crash, 5)).message()), HasSubstr("logs --previous"));
  EXPECT_EQ(CheckPods(PodList(R"({"running": {}})", 9)), absl::OkStatus());
  EXPECT_EQ(CheckPods("nonsense"), absl::OkStatus());
}

}  // namespace
}  // namespace drover
