#include "common/text_context.h"

#include <google/protobuf/text_format.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "proto/experiment.pb.h"

namespace drover {
namespace {

// "line:column: message" for a parser that stopped at `line` and `column`.
std::string Explain(const std::string& text, int line, int column, const std::string& said) {
  const TextError error = ExplainTextError(text, *Experiment::descriptor(), {{line, column}, said});
  return absl::StrCat(error.position.line, ":", error.position.column, ": ", error.message);
}

TEST(TextContextTest, AWrongValueIsOfTheFieldBeforeIt) {
  EXPECT_EQ(Explain("learner { batch: x }", 1, 18, "Expected integer"),
            "1:18: learner.batch: Expected integer; allowed: an integer of 0 … 4294967295");
}

TEST(TextContextTest, AnUnknownNameIsPointedAt) {
  EXPECT_EQ(Explain("seed: 1\n  budget { frames: 3 }", 2, 18, "no field"),
            "2:12: unknown field of budget \"frames\"; known: max_frames");
}

TEST(TextContextTest, AnUnknownEnumeratorIsPointedAt) {
  EXPECT_EQ(Explain("topology: imapla\nseed: 1", 2, 1, "Unknown"),
            "1:11: unknown value of topology \"imapla\"; did you mean \"impala\"? "
            "known: impala, a2c, a3c, d4pg");
}

TEST(TextContextTest, FollowsMessagesListsAndComments) {
  const std::string text =
      "# { not a message\n"
      "name: 'a' \"{\"\n"
      "model { layers: [64, 32] activation: relu },\n"
      "update: < adam { beta1: 0.9; } rate { value: -1 } epochs: !";
  EXPECT_EQ(Explain(text, 4, 60, "Expected integer"),
            "4:60: update.epochs: Expected integer; allowed: an integer of 0 … 4294967295");
  EXPECT_EQ(Explain("model { layers: [64, x] }", 1, 22, "Expected integer"),
            "1:22: model.layers: Expected integer; allowed: an integer of 0 … 4294967295");
}

TEST(TextContextTest, LeavesWhatIsNoFieldsErrorAsItIs) {
  EXPECT_EQ(Explain("model { layers: 64 } }", 1, 22, "Expected identifier"),
            "1:22: Expected identifier");
  EXPECT_EQ(Explain("", 1, 1, "said"), "1:1: said");
}

}  // namespace
}  // namespace drover
