#include "deploy/kubernetes/kubernetes_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace drover {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class KubernetesWatchTest : public ::testing::Test {
 protected:
  // No cluster is asked: it has no events to tell, and no logs.
  KubernetesWatchTest() { setenv("KUBECONFIG", "/nowhere", 1); }

  std::string Look(const KubernetesPods& pods, int second) {
    return std::string(watch_.Look(pods, start_ + seconds(second)).message());
  }

  const KubernetesWatch::Time start_{};
  KubernetesWatch watch_{Kubectl("default")};
};

TEST_F(KubernetesWatchTest, WhatHasNoRoomForAMinuteEndsARunThatWasNeverWhole) {
  KubernetesPods full;
  full.lacking = "pod a: Unschedulable";
  full.homeless = {"a"};
  EXPECT_EQ(Look(full, 0), "");
  EXPECT_EQ(Look(full, 59), "");
  // It had room for a moment.
  EXPECT_EQ(Look({}, 60), "");
  EXPECT_EQ(Look(full, 61), "");
  EXPECT_EQ(Look(full, 120), "");
  EXPECT_THAT(Look(full, 121), HasSubstr("not whole after 60 s: pod a: Unschedulable"));
}

TEST_F(KubernetesWatchTest, OneThatWasWholeEndsOnlyByWhatDies) {
  KubernetesPods whole;
  whole.all_run = true;
  KubernetesPods broken;
  broken.broken = "pod a cannot run";
  EXPECT_EQ(Look(broken, 0), "pod a cannot run");
  EXPECT_EQ(Look(whole, 1), "");
  EXPECT_TRUE(watch_.whole());
  EXPECT_EQ(Look(broken, 2), "");
  broken.lacking = "pod b: Unschedulable";
  EXPECT_EQ(Look(broken, 3), "");
  EXPECT_EQ(Look(broken, 300), "");
  broken.dying = "a";
  EXPECT_THAT(Look(broken, 301), HasSubstr("pod a died five times in a row"));
}

}  // namespace
}  // namespace drover
