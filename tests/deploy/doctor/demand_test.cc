#include "deploy/doctor/demand.h"

#include <google/protobuf/text_format.h>

#include <string>

#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr uint64_t kGib = uint64_t{1} << 30;
constexpr char kImpala[] =
    "experiment { topology: impala actors { count: 8 } learner { threads: 2 } device: \"cpu\" }";
// 28 kB a step.
constexpr char kReplay[] =
    "experiment { topology: d4pg actors { count: 2 } learner { threads: 1 } "
    "  budget { max_frames: 10000000 } replay { shards: 1 tables { capacity: 1000000 } } } "
    "spec { steps: 10 leaves { name: \"observation\" dtype: uint8 shape: [84, 84, 4] "
    "                          rate: per_observation } "
    "       leaves { name: \"state\" dtype: float32 shape: 999999 rate: per_unroll } }";

Plan Parse(const std::string& text) {
  Plan plan;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &plan));
  return plan;
}

Machine Large() {
  Machine machine;
  machine.cores = 64;
  machine.memory_bytes = 256 * kGib;
  machine.open_files = 1 << 20;
  machine.threads = 1 << 20;
  return machine;
}

// What is said of `what` ("memory").
Finding Of(const std::string& what, const Plan& plan, const Machine& machine) {
  for (const Finding& finding : CheckDemand(DemandOf(plan), machine)) {
    if (finding.what == what) return finding;
  }
  ADD_FAILURE() << "nothing of " << what;
  return {};
}

TEST(DemandTest, ALargeMachineHoldsThem) {
  for (const char* text : {kImpala, kReplay}) {
    for (const Finding& finding : CheckDemand(DemandOf(Parse(text)), Large())) {
      EXPECT_EQ(finding.level, Finding::Level::kOk) << finding.what << ": " << finding.found;
    }
  }
}

TEST(DemandTest, ManyProcessesOfFewCores) {
  Machine machine = Large();
  machine.cores = 2.5;  // 8 actors, a learner of 2
  EXPECT_EQ(Of("cores", Parse(kImpala), machine).level, Finding::Level::kOk);
  machine.cores = 2;
  const Finding finding = Of("cores", Parse(kImpala), machine);
  EXPECT_EQ(finding.level, Finding::Level::kWarning);
  EXPECT_NE(finding.found.find("10 processes that compute, 2 cores"), std::string::npos)
      << finding.found;
  EXPECT_EQ(finding.mend, "--actors 6");
}

TEST(DemandTest, MoreReplayThanMemory) {
  Machine machine = Large();
  machine.memory_bytes = 16 * kGib;
  const Finding finding = Of("memory", Parse(kReplay), machine);
  EXPECT_EQ(finding.level, Finding::Level::kWrong);
  EXPECT_EQ(finding.found, "about 26.8 GiB wanted, 16.0 GiB free");
  EXPECT_EQ(finding.mend, "--set replay.tables.capacity=590000");
  // No more than the budget lets in.
  Plan small = Parse(kReplay);
  small.mutable_experiment()->mutable_budget()->set_max_frames(1000);
  EXPECT_EQ(Of("memory", small, machine).level, Finding::Level::kOk);
}

TEST(DemandTest, MoreActorsThanMemory) {
  Machine machine = Large();
  machine.memory_bytes = kGib;
  Plan plan = Parse(kImpala);
  plan.mutable_experiment()->mutable_actors()->set_count(200);
  EXPECT_EQ(Of("memory", plan, machine).mend, "--actors 10");
  // What the config says that they get is theirs.
  plan = Parse(kImpala);
  EXPECT_EQ(Of("memory", plan, machine).level, Finding::Level::kOk);
  plan.mutable_experiment()->mutable_cluster()->mutable_actor()->set_memory_mib(512);
  EXPECT_EQ(Of("memory", plan, machine).level, Finding::Level::kWrong);
}

TEST(DemandTest, EachActorIsSomeOpenFiles) {
  Machine machine = Large();
  machine.open_files = 1024;
  EXPECT_EQ(Of("open files", Parse(kImpala), machine).level, Finding::Level::kOk);
  Plan plan = Parse(kImpala);
  plan.mutable_experiment()->mutable_actors()->set_count(1000);
  const Finding finding = Of("open files", plan, machine);
  EXPECT_EQ(finding.level, Finding::Level::kWrong);
  EXPECT_NE(finding.mend.find("ulimit -n 3064"), std::string::npos) << finding.mend;
}

TEST(DemandTest, ThreadsAreCountedToo) {
  Machine machine = Large();
  machine.threads = 100;
  EXPECT_EQ(Of("threads", Parse(kImpala), machine).level, Finding::Level::kWrong);
}

TEST(DemandTest, ALearnerOnCudaIsAGpu) {
  Plan plan = Parse(kImpala);
  EXPECT_EQ(DemandOf(plan).gpus, 0U);
  plan.mutable_experiment()->set_device("cuda");
  EXPECT_EQ(DemandOf(plan).gpus, 1U);
  plan.mutable_experiment()->mutable_cluster()->mutable_actor()->set_gpus(1);
  EXPECT_EQ(DemandOf(plan).gpus, 9U);
}

}  // namespace
}  // namespace drover
