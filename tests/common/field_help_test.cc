#include "common/field_help.h"

#include "gtest/gtest.h"
#include "proto/experiment.pb.h"

namespace drover {
namespace {

std::string Allowed(const google::protobuf::Descriptor* message, const std::string& field) {
  return AllowedValues(*message->FindFieldByName(field));
}

TEST(FieldHelpTest, SaysWhatIsAllowed) {
  EXPECT_EQ(Allowed(Learner::descriptor(), "batch"), "an integer of 0 … 4294967295");
  EXPECT_EQ(Allowed(Budget::descriptor(), "max_frames"), "an integer of 0 … 18446744073709551615");
  EXPECT_EQ(Allowed(Returns::descriptor(), "gamma"), "a number");
  EXPECT_EQ(Allowed(ModelConfig::descriptor(), "shared"), "true or false");
  EXPECT_EQ(Allowed(Experiment::descriptor(), "device"), "a string in quotes");
  EXPECT_EQ(Allowed(ModelConfig::descriptor(), "activation"), "one of: tanh, relu");
  EXPECT_EQ(Allowed(Experiment::descriptor(), "budget"), "{ … } with fields of: max_frames");
}

TEST(FieldHelpTest, UnknownFieldsHaveNearMatches) {
  EXPECT_EQ(UnknownField(*Adam::descriptor(), "update.adam", "beta3"),
            "unknown field of update.adam \"beta3\"; did you mean \"beta1\"? "
            "known: beta1, beta2, epsilon");
  EXPECT_EQ(UnknownField(*Budget::descriptor(), "", "x"), "unknown field \"x\"; known: max_frames");
}

TEST(FieldHelpTest, UnknownValuesHaveNearMatches) {
  EXPECT_EQ(UnknownValue(*Reduction::Kind_descriptor(), "loss.reduction", "man"),
            "unknown value of loss.reduction \"man\"; did you mean \"mean\"? known: mean, sum");
}

}  // namespace
}  // namespace drover
