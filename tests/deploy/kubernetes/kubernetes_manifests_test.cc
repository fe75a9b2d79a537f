// What `drover up --on=kubernetes` makes of a config, by the real kubectl and Kubernetes' schemas,
// and what it refuses before it asks for a cluster.

#include "deploy/kubernetes/kubernetes_manifests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "coordinator/run_memory.h"
#include "deploy/command.h"
#include "deploy/kubernetes/kubernetes_engine.h"
#include "deploy/kubernetes/kubernetes_overlay.h"
#include "tests/support/program.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class KubernetesManifestsTest : public ::testing::Test {
 protected:
  KubernetesManifestsTest() {
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
    EXPECT_EQ(BeginLaunch(placement_.run_dir, "pole one").status(), absl::OkStatus());
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

TEST_F(KubernetesManifestsTest, ManifestsAreWhatTheConfigSays) {
  if (!CommandOutput({"kubectl", "version", "--client"}).ok()) {
    std::cout << "DROVER-SKIPPED: needs kubectl" << std::endl;
    GTEST_SKIP();
  }
  std::string made = Manifests();
  for (const char* part :
       {"replicas: 7", "nvidia.com/gpu: 2", "cpu: \"6\"", "memory: 4096Mi", "disk: fast",
        "image: registry.example:5000/rl/drover:1.2", "namespace: poles", "storage: 3Gi", "seed: 3",
        "--run_dir=/home/drover/runs/pole-one-", "run: pole-one-",
        "secretName: drover-learner-certs"}) {
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

TEST_F(KubernetesManifestsTest, WhatCannotBePlacedIsRefusedBeforeAnythingStarts) {
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

TEST(KubernetesOverlayTest, APortIsNoTagOfAnImage) {
  for (const auto& [image, name, tag] :
       {std::tuple("registry.example:5000/rl/drover", "registry.example:5000/rl/drover", "latest"),
        std::tuple("drover:1.2", "drover", "1.2")}) {
    Experiment experiment;
    experiment.mutable_cluster()->mutable_kubernetes()->set_image(image);
    const std::string made = KubernetesOverlay(experiment, "run", true)->at("kustomization.yaml");
    EXPECT_THAT(made, HasSubstr(absl::StrCat("\"newName\": \"", name, "\"")));
    EXPECT_THAT(made, HasSubstr(absl::StrCat("\"newTag\": \"", tag, "\"")));
  }
}

TEST(KubernetesNameTest, IsALabelThatTellsLaunchesApart) {
  EXPECT_EQ(KubernetesName("pole-17-4"), "pole-17-4");
  EXPECT_EQ(KubernetesName("_a b/ü-17-4"), "a-b----17-4");
  const std::string name = KubernetesName(std::string(60, 'x') + "-17-4");
  EXPECT_EQ(name.size(), 63u);
  EXPECT_THAT(name, ::testing::EndsWith("x-17-4"));
}

}  // namespace
}  // namespace drover
