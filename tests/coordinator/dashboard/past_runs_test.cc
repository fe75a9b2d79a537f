#include "coordinator/dashboard/past_runs.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/file.h"

namespace drover {
namespace {

using nlohmann::json;

class PastRunsTest : public ::testing::Test {
 protected:
  void Add(const std::string& name, int lines) {
    std::filesystem::create_directory(Path(name));
    std::string text;
    for (int i = 0; i < lines; ++i) {
      absl::StrAppend(&text, "{\"seconds\":", i, ",\"frames\":", 100 * i,
                      ",\"mean_return\":null,\"frames_per_second\":100,",
                      "\"metrics\":{\"return_std\":2}}\n");
    }
    absl::StrAppend(&text, "{\"time\":1,\"evaluation\":{}}\n{\"seconds\":77,\"fra");
    ASSERT_TRUE(WriteFile(Path(name) + "/metrics.jsonl", text).ok());
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  TempDirectory directory_ = *TempDirectory::Make();
};

TEST_F(PastRunsTest, ListsTheRunsBesideThisOne) {
  Add("now", 1);
  Add("before", 1);
  std::filesystem::create_directory(Path("no run"));
  ASSERT_TRUE(WriteFile(Path("before/summary.json"), "{\"mean_return\": 475}").ok());
  for (const std::string& own : {Path("now"), Path("now") + "/"}) {
    const json runs = json::parse(PastRunsJson(own));
    ASSERT_EQ(runs.size(), 2u) << runs;
    EXPECT_EQ(runs[0]["name"], "now");
    EXPECT_EQ(runs[0]["current"], true);
    EXPECT_EQ(runs[1]["name"], "before");
    EXPECT_EQ(runs[1]["summary"]["mean_return"], 475);
  }
}

TEST_F(PastRunsTest, ACurveIsThinnedToItsEnd) {
  Add("now", 3);
  Add("long", 10000);
  const json own = json::parse(*CurveJson(Path("now"), ""));
  ASSERT_EQ(own.size(), 3u);
  EXPECT_EQ(own[2], json::parse("[2.0, 200.0, null, 2, 100.0, 0.0, 0.0]"));
  const json curve = json::parse(*CurveJson(Path("now"), "long"));
  EXPECT_LE(curve.size(), 400u);
  EXPECT_GE(curve.size(), 200u);
  EXPECT_GT(curve.back()[0], 9900);
}

TEST_F(PastRunsTest, NamesLeadNowhereElse) {
  Add("now", 1);
  ASSERT_TRUE(WriteFile(Path("now/config.textproto"), "name: \"x\"").ok());
  std::filesystem::create_directory(Path("sub"));
  Add("sub/inner", 1);
  std::filesystem::create_directory(Path("no_run"));
  for (const char* there : {"sub", ""}) {  // but no name of a run leads to it
    ASSERT_TRUE(WriteFile(Path(there) + "/metrics.jsonl", "").ok());
  }
  for (const char* name : {".", ".."}) {
    EXPECT_TRUE(absl::IsNotFound(CurveJson(Path("sub/inner"), name).status())) << name;
  }
  EXPECT_EQ(*ConfigText(Path("now"), "now"), "name: \"x\"");
  for (const char* name : {"..", ".", "sub/inner", "../now", "/etc", "nothing", "no_run"}) {
    EXPECT_TRUE(absl::IsNotFound(CurveJson(Path("now"), name).status())) << name;
    EXPECT_TRUE(absl::IsNotFound(ConfigText(Path("now"), name).status())) << name;
  }
}

}  // namespace
}  // namespace drover
