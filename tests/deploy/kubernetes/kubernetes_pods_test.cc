#include "deploy/kubernetes/kubernetes_pods.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

KubernetesPods Parse(const std::vector<std::string>& items) {
  return ParseKubernetesPods(absl::StrCat(R"({"items": [)", absl::StrJoin(items, ","), "]}"));
}

std::string Deployment(const std::string& role, int replicas, const std::string& status = "{}") {
  return absl::StrCat(R"({"kind": "Deployment", "metadata": {"labels": {"role": ")", role,
                      R"("}}, "spec": {"replicas": )", replicas, R"(}, "status": )", status, "}");
}

// "drover-<role>-7f", whose container is in a state.
std::string Pod(const std::string& role, const std::string& state, const std::string& more = "") {
  return absl::StrCat(R"({"kind": "Pod", "metadata": {"name": "drover-)", role,
                      R"(-7f", "labels": {"role": ")", role, R"("})", more,
                      R"(}, "status": {"containerStatuses": [{"containerID": "c://5", "state": )",
                      state, "}]}}");
}

std::string Waiting(const std::string& reason, const std::string& message) {
  return absl::StrCat(R"({"waiting": {"reason": ")", reason, R"(", "message": ")", message,
                      R"("}})");
}

constexpr char kRuns[] = R"({"running": {}})";

TEST(KubernetesPodsTest, AreWholeOnceAsManyRunAsThereShouldBe) {
  const std::string coordinator = Deployment("coordinator", 1);
  const std::string actors = Deployment("actor", 2);
  const std::string actor = Pod("actor", kRuns);
  KubernetesPods pods = Parse({coordinator, actors, Pod("coordinator", kRuns), actor, actor});
  EXPECT_TRUE(pods.all_run);
  EXPECT_EQ(pods.count, 3);
  EXPECT_EQ(pods.actors, 2u);
  EXPECT_EQ(pods.coordinator, "c://5");
  EXPECT_THAT(pods.broken + pods.dying + pods.lacking, IsEmpty());

  // One that is being ended is none of them.
  const std::string ending = R"(, "deletionTimestamp": "2026-01-01T00:00:00Z")";
  pods = Parse({coordinator, actors, Pod("coordinator", kRuns, ending), actor, actor});
  EXPECT_FALSE(pods.all_run);
  EXPECT_EQ(pods.count, 3);
  EXPECT_THAT(pods.coordinator, IsEmpty());
  EXPECT_FALSE(Parse({}).all_run);
  EXPECT_FALSE(ParseKubernetesPods("nonsense").all_run);
}

TEST(KubernetesPodsTest, TellWhatWillNeverStart) {
  EXPECT_EQ(Parse({Pod("learner", Waiting("ImagePullBackOff", "no drover:9"))}).broken,
            "pod drover-learner-7f cannot run: ImagePullBackOff: no drover:9");
  EXPECT_THAT(Parse({Pod("learner", Waiting("ContainerCreating", ""))}).broken, IsEmpty());
}

TEST(KubernetesPodsTest, TellWhoDiesAgainAndAgain) {
  const auto dying = [](const std::string& time) {
    const std::string message = absl::StrCat("back-off ", time, " restarting failed container=x");
    return Parse({Pod("learner", Waiting("CrashLoopBackOff", message))}).dying;
  };
  EXPECT_THAT(dying("40s"), IsEmpty());
  EXPECT_EQ(dying("1m20s"), "drover-learner-7f");
  EXPECT_EQ(dying("5m0s"), "drover-learner-7f");
}

TEST(KubernetesPodsTest, TellWhatThereIsNoRoomFor) {
  const std::string unscheduled = R"({"kind": "Pod", "metadata": {"name": "a"}, "status":
      {"conditions": [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable",
      "message": "0/1 nodes are available: 1 Insufficient cpu."}]}})";
  const KubernetesPods pods = Parse({Deployment("actor", 1), unscheduled});
  EXPECT_EQ(pods.lacking, "pod a: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu.");
  EXPECT_THAT(pods.homeless, ::testing::ElementsAre("a"));

  const std::string failure = R"({"conditions": [{"type": "ReplicaFailure", "status": "True",
      "reason": "FailedCreate", "message": "exceeded quota: few"}]})";
  EXPECT_THAT(Parse({Deployment("actor", 1, failure)}).lacking, HasSubstr("exceeded quota: few"));
}

}  // namespace
}  // namespace drover
