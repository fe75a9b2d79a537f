#include "deploy/slurm/slurm_nodes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace drover {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr char kSinfo[] =
    "main*|8|8000|(null)|(null)\n"
    "main*|8|8000|(null)|(null)\n"
    "gpu|64|500000|gpu:a100:4(S:0-1),gpu:2|a100,nvme\n";

Experiment Impala(uint32_t actors, const std::string& partition) {
  Experiment experiment;
  experiment.set_topology(Topology::impala);
  experiment.mutable_actors()->set_count(actors);
  experiment.mutable_cluster()->mutable_slurm()->set_partition(partition);
  return experiment;
}

std::string Refusal(const Experiment& experiment) {
  const absl::Status status = CheckSlurmFits(experiment, *ParseSlurmNodes(kSinfo));
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  return std::string(status.message());
}

TEST(SlurmNodesTest, ReadsWhatSinfoPrints) {
  const auto nodes = ParseSlurmNodes(kSinfo);
  ASSERT_TRUE(nodes.ok()) << nodes.status();
  ASSERT_EQ(nodes->size(), 3u);
  EXPECT_EQ((*nodes)[0].partition, "main");
  EXPECT_TRUE((*nodes)[0].is_default);
  EXPECT_EQ((*nodes)[1].cores, 8u);
  EXPECT_EQ((*nodes)[1].memory_mib, 8000u);
  EXPECT_EQ((*nodes)[1].gpus, 0u);
  EXPECT_FALSE((*nodes)[2].is_default);
  EXPECT_EQ((*nodes)[2].gpus, 6u);
  EXPECT_THAT((*nodes)[2].features, ElementsAre("a100", "nvme"));
  for (const char* wrong : {"main|8", "main|x|8000|(null)|(null)", "slurm is down"}) {
    EXPECT_TRUE(absl::IsFailedPrecondition(ParseSlurmNodes(wrong).status())) << wrong;
  }
}

TEST(SlurmNodesTest, FillsThePartition) {
  // 16 cores and 16000 MiB, of which coordinator and learner take 2 and 5120.
  const auto nodes = *ParseSlurmNodes(kSinfo);
  EXPECT_TRUE(CheckSlurmFits(Impala(9, ""), nodes).ok());
  EXPECT_TRUE(CheckSlurmFits(Impala(9, "main"), nodes).ok());
  EXPECT_THAT(Refusal(Impala(40, "main")),
              HasSubstr("holds at most 9 actors of 1 cores, 1024 MiB"));
  EXPECT_TRUE(CheckSlurmFits(Impala(40, "gpu"), nodes).ok());
}

TEST(SlurmNodesTest, SaysWhichRoleFitsNoNode) {
  EXPECT_THAT(Refusal(Impala(1, "nope")), HasSubstr("no partition \"nope\""));
  EXPECT_THAT(Refusal(Impala(1, "nope")), HasSubstr("there is gpu, main"));
  Experiment experiment = Impala(1, "main");
  experiment.set_device("cuda");
  EXPECT_THAT(Refusal(experiment),
              HasSubstr("no node for learner 0: it wants 1 cores, 4096 MiB, 1"));
  experiment.mutable_cluster()->mutable_slurm()->set_partition("gpu");
  experiment.mutable_cluster()->mutable_learner()->add_features("a100");
  EXPECT_TRUE(CheckSlurmFits(experiment, *ParseSlurmNodes(kSinfo)).ok());
  experiment.mutable_cluster()->mutable_actor()->add_features("h100");
  EXPECT_THAT(Refusal(experiment), HasSubstr("no node for actor 0"));
}

TEST(SlurmNodesTest, NumbersActorsByAnArray) {
  constexpr char kConfig[] =
      "Configuration data as of 2026-01-01\n"
      "MaxArraySize            = 1001\n"
      "MaxDBDMsgs              = 20008\n";
  EXPECT_TRUE(CheckSlurmArrays(Impala(1001, ""), kConfig).ok());
  const absl::Status status = CheckSlurmArrays(Impala(1002, ""), kConfig);
  EXPECT_TRUE(absl::IsFailedPrecondition(status));
  EXPECT_THAT(status.message(), HasSubstr("MaxArraySize allows 1001 actors"));
  EXPECT_TRUE(CheckSlurmArrays(Impala(1002, ""), "").ok());
}

}  // namespace
}  // namespace drover
