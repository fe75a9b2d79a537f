#include "deploy/slurm/slurm_script.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Placement APlacement() {
  Placement placement;
  placement.run_dir = "/shared/a run";
  placement.drover = "/opt/drover/drover";
  placement.drover_agent = "/opt/it's/drover-agent";
  return placement;
}

TEST(SlurmScriptTest, AsksForWhatTheConfigSays) {
  Placement placement = APlacement();
  ClusterPlan& cluster = *placement.experiment.mutable_cluster();
  cluster.mutable_learner()->set_cores(6);
  cluster.mutable_learner()->set_gpus(2);
  cluster.mutable_learner()->add_features("a100");
  cluster.mutable_learner()->add_features("nvme");
  cluster.mutable_slurm()->set_partition("big");
  cluster.mutable_slurm()->set_account("me");
  cluster.mutable_slurm()->set_time_limit("1:00:00");
  cluster.mutable_slurm()->add_options("--qos=high");
  const std::string script = SlurmScript(placement, "run 1", Role::learner);
  for (const char* line :
       {"#!/bin/sh\n", "#SBATCH --job-name=run_1.learner\n",
        "#SBATCH --output=\"/shared/a run/logs/learner-0.log\"\n", "#SBATCH --cpus-per-task=6\n",
        "#SBATCH --mem=4096M\n", "#SBATCH --requeue\n", "#SBATCH --gres=gpu:2\n",
        "#SBATCH --constraint=\"a100&nvme\"\n", "#SBATCH --partition=big\n",
        "#SBATCH --account=me\n", "#SBATCH --time=1:00:00\n", "#SBATCH --qos=high\n",
        "exec '/opt/it'\\''s/drover-agent' learner --coordinator 'run:/shared/a run'",
        " --resume --replaceable\n"}) {
    EXPECT_THAT(script, HasSubstr(line));
  }
  EXPECT_THAT(script, Not(HasSubstr("--insecure")));
}

TEST(SlurmScriptTest, ArraysNumberActorsAndShards) {
  const std::string actor = SlurmScript(APlacement(), "run", Role::actor);
  EXPECT_THAT(actor, HasSubstr("logs/actor-%a.log"));
  EXPECT_THAT(actor, HasSubstr(" --index \"$SLURM_ARRAY_TASK_ID\""));
  EXPECT_THAT(actor, Not(HasSubstr("--listen")));
  EXPECT_THAT(actor, Not(HasSubstr("--gres")));
  Placement placement = APlacement();
  placement.insecure = true;
  placement.listen = {"0.0.0.0:7000"};
  const std::string coordinator = SlurmScript(placement, "run", Role::coordinator);
  EXPECT_THAT(coordinator, HasSubstr("--run_dir '/shared/a run'"));
  EXPECT_THAT(coordinator, HasSubstr("--insecure --listen '0.0.0.0:7000' --replaceable\n"));
}

TEST(SlurmScriptTest, EachGetsItsCertificatesAndTheCoordinatorItsPage) {
  Placement placement = APlacement();
  placement.certs = "/shared/my certs";
  placement.http = "0.0.0.0:8080";
  for (const Role::Kind role : {Role::coordinator, Role::learner, Role::actor}) {
    const std::string script = SlurmScript(placement, "run", role);
    EXPECT_THAT(script, HasSubstr(" --certs '/shared/my certs'"));
    if (role == Role::coordinator) {
      EXPECT_THAT(script, HasSubstr(" --http '0.0.0.0:8080'"));
    } else {
      EXPECT_THAT(script, Not(HasSubstr("--http")));
    }
  }
}

}  // namespace
}  // namespace drover
