#include "cli/report.h"

#include <gtest/gtest.h>

#include <fstream>

#include "common/file.h"

namespace drover {
namespace {

TEST(ReportTest, SaysWhatCameOfARun) {
  const auto summary = nlohmann::json::parse(R"({
    "end_reason": "target_reached", "frames": 123456, "seconds": 12.5, "frames_per_second": 9876.5,
    "updates": 96, "mean_return": 481.2, "eval": {"episodes": 100, "mean": 499.5, "std": 2.25},
    "checkpoint": "checkpoints/97"})");
  EXPECT_EQ(SummaryText(summary, "runs/x"),
            "target reached: 123,456 frames in 0:12 (9,877 a second), 96 updates\n"
            "training return 481 over the last 100 episodes\n"
            "evaluation 499.50 ± 2.25 over 100 greedy episodes\n"
            "files in runs/x: summary.json, metrics.jsonl, tensorboard/, logs/, checkpoints/97/\n");
}

TEST(ReportTest, LeavesOutWhatDidNotHappen) {
  const auto summary = nlohmann::json::parse(R"({
    "end_reason": "stopped", "frames": 0, "seconds": 0, "frames_per_second": null, "updates": 0,
    "mean_return": null, "eval": null, "checkpoint": null})");
  EXPECT_EQ(SummaryText(summary, "runs/x"),
            "stopped: 0 frames in 0:00 (0.00 a second), 0 updates\n"
            "files in runs/x: summary.json, metrics.jsonl, tensorboard/, logs/\n");
}

TEST(ReportTest, SurvivesAnyJson) {
  for (const char* text : {"{}", R"({"frames": "x", "eval": 3, "end_reason": 7})"}) {
    EXPECT_NE(SummaryText(nlohmann::json::parse(text), "runs/x"), "");
  }
}

TEST(ReportTest, ReadsTheFile) {
  const TempDirectory directory = *TempDirectory::Make();
  EXPECT_TRUE(absl::IsNotFound(ReadSummary(directory.path()).status()));
  std::ofstream(directory.path() + "/summary.json") << R"({"frames": 7})";
  EXPECT_EQ((*ReadSummary(directory.path()))["frames"], 7);
  std::ofstream(directory.path() + "/summary.json") << R"({"frames": 7)";
  EXPECT_TRUE(absl::IsDataLoss(ReadSummary(directory.path()).status()));
}

}  // namespace
}  // namespace drover
