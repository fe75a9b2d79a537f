#include "deploy/doctor/finding.h"

#include <nlohmann/json.hpp>

#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(FindingTest, ALineEachAndWhatMendsIt) {
  const Findings findings = {Ok("clock", "it ticks"), Warning("disk", "0.5 GiB\nfree", "rm -r old"),
                             Wrong("--http 127.0.0.1:1", "taken", "kill 7")};
  EXPECT_EQ(FindingsText(findings),
            "ok       clock               it ticks\n"
            "warning  disk                0.5 GiB; free\n"
            "  mend: rm -r old\n"
            "wrong    --http 127.0.0.1:1  taken\n"
            "  mend: kill 7\n"
            "3 looked at: 1 wrong, 1 warnings\n");
  EXPECT_TRUE(AnyWrong(findings));
  EXPECT_FALSE(AnyWrong({findings[0], findings[1]}));
}

TEST(FindingTest, JsonWhateverAProgramPrinted) {
  const auto json = nlohmann::json::parse(FindingsJson({Wrong("a", "\xff", "b")}));
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(json["findings"][0]["level"], "wrong");
  EXPECT_EQ(json["findings"][0]["mend"], "b");
  EXPECT_EQ(nlohmann::json::parse(FindingsJson({}))["ok"], true);
}

}  // namespace
}  // namespace drover
