#include "common/text_proto.h"

#include <string>

#include "common/file.h"
#include "gtest/gtest.h"
#include "proto/experiment.pb.h"
#include "proto/spec.pb.h"

namespace drover {
namespace {

std::string Error(const std::string& text) {
  Experiment experiment;
  const absl::StatusOr<FieldLocations> locations = ParseTextProto("f", text, &experiment);
  EXPECT_EQ(locations.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(locations.status().message());
}

TEST(TextProtoTest, ReadsAFileWithItsPlaces) {
  const TempDirectory directory = *TempDirectory::Make();
  const std::string path = directory.path() + "/a.textproto";
  ASSERT_EQ(WriteFile(path,
                      "# a comment\n"
                      "environment: \"CartPole-v1\"\n"
                      "model {\n"
                      "  layers: 64 layers: 32\n"
                      "}\n"
                      "update { adam {} max_norm: 1 }\n"),
            absl::OkStatus());
  Experiment experiment;
  experiment.set_seed(7);
  const absl::StatusOr<FieldLocations> locations = ReadTextProto(path, &experiment);
  ASSERT_TRUE(locations.ok()) << locations.status();
  EXPECT_EQ(experiment.seed(), 0U);
  EXPECT_EQ(experiment.environment(), "CartPole-v1");
  EXPECT_EQ(experiment.model().layers_size(), 2);
  EXPECT_TRUE(experiment.update().has_adam());

  EXPECT_EQ(locations->Locate("environment"), path + ":2:1");
  EXPECT_EQ(locations->Locate("model"), path + ":3:1");
  EXPECT_EQ(locations->Locate("model.layers"), path + ":4:3");
  EXPECT_EQ(locations->Locate("model.layers[1]"), path + ":4:14");
  EXPECT_EQ(locations->Locate("model.activation"), path + ":3:1");
  EXPECT_EQ(locations->Locate("update.adam.beta1"), path + ":6:10");
  EXPECT_EQ(locations->Locate("seed"), path);
}

TEST(TextProtoTest, PlacesOfFieldsThatAreSetToTheirDefault) {
  Experiment experiment;
  const absl::StatusOr<FieldLocations> locations =
      ParseTextProto("f", "name: 'a'\nseed: 0", &experiment);
  EXPECT_EQ(locations->Locate("seed"), "f:2:1");
}

TEST(TextProtoTest, PlacesInRepeatedMessagesAndShortLists) {
  Spec spec;
  const absl::StatusOr<FieldLocations> locations =
      ParseTextProto("f", "leaves { name: 'a' }\nleaves { name: 'b' shape: [1, 2] }\n", &spec);
  ASSERT_TRUE(locations.ok()) << locations.status();
  EXPECT_EQ(locations->Locate("leaves[0].name"), "f:1:10");
  EXPECT_EQ(locations->Locate("leaves[1].name"), "f:2:10");
  EXPECT_EQ(locations->Locate("leaves[1].shape[1]"), "f:2:20");
  EXPECT_EQ(locations->Locate("leaves[1].rate"), "f:2:1");
}

TEST(TextProtoTest, UnknownField) {
  EXPECT_EQ(Error("seed: 1\ntopolgy: impala\n").substr(0, 62),
            "f:2:1: unknown field \"topolgy\"; did you mean \"topology\"? known");
  EXPECT_EQ(Error("budget {\n  frames: 3\n}"),
            "f:2:3: unknown field of budget \"frames\"; known: max_frames");
  EXPECT_EQ(Error("budget {\n  frames { }\n}"),
            "f:2:3: unknown field of budget \"frames\"; known: max_frames");
}

TEST(TextProtoTest, UnknownEnumerator) {
  const std::string known = "; did you mean \"relu\"? known: tanh, relu";
  EXPECT_EQ(Error("model { activation: rellu }"),
            "f:1:21: unknown value of model.activation \"rellu\"" + known);
  EXPECT_EQ(Error("model {\n activation: 9 }"),
            "f:2:2: unknown value of model.activation \"9\"; known: tanh, relu");
  EXPECT_EQ(Error("model { activation: 'relu' }"),
            "f:1:21: model.activation: Expected integer or identifier, got: 'relu'; "
            "allowed: one of: tanh, relu");
}

TEST(TextProtoTest, WrongType) {
  const std::string integers = "; allowed: an integer of 0 … 4294967295";
  EXPECT_EQ(Error("learner { batch: many }"),
            "f:1:18: learner.batch: Expected integer, got: many" + integers);
  EXPECT_EQ(Error("learner { batch: -3 }"),
            "f:1:18: learner.batch: Expected integer, got: -" + integers);
  EXPECT_EQ(Error("learner { batch: 1.5 }"),
            "f:1:18: learner.batch: Expected integer, got: 1.5" + integers);
  EXPECT_EQ(Error("learner { batch: 5000000000 }"),
            "f:1:18: learner.batch: Integer out of range (5000000000)" + integers);
  EXPECT_EQ(Error("learner: 3"),
            "f:1:10: learner: Expected \"{\", found \"3\".; "
            "allowed: { … } with fields of: batch, max_policy_lag, threads, lockstep");
  EXPECT_EQ(Error("environment: 3"),
            "f:1:14: environment: Expected string, got: 3; allowed: a string in quotes");
  EXPECT_EQ(Error("model { shared: yes }"),
            "f:1:17: model.shared: Invalid value for boolean field \"shared\". Value: \"yes\".; "
            "allowed: true or false");
  EXPECT_NE(Error("model { shared: 2 }").find("allowed: true or false"), std::string::npos);
  EXPECT_NE(Error("returns { gamma: high }").find("allowed: a number"), std::string::npos);
}

TEST(TextProtoTest, GivenTwice) {
  EXPECT_EQ(Error("seed: 1\nseed: 2").substr(0, 12), "f:2:1: seed:");
  EXPECT_EQ(Error("update { adam {}\n rmsprop {} }").substr(0, 22), "f:2:2: update.rmsprop:");
}

TEST(TextProtoTest, NotInTextFormatAtAll) {
  for (const char* text :
       {"{", "}", "learner {", "seed", "seed:", "seed 1", "name: 'a", "[", "\x01",
        "leaves { name: 'a' }", "seed: 1 }", "model { layers: [1, ", "🙂: 1"}) {
    const std::string error = Error(text);
    EXPECT_EQ(error.substr(0, 4), "f:1:") << error;
  }
}

TEST(TextProtoTest, AnEmptyFileIsAnEmptyMessage) {
  Experiment experiment;
  EXPECT_TRUE(ParseTextProto("f", "", &experiment).ok());
  EXPECT_EQ(experiment.ByteSizeLong(), 0U);
}

TEST(TextProtoTest, RefusesFilesThatAreNone) {
  Experiment experiment;
  EXPECT_EQ(ReadTextProto("/none.textproto", &experiment).status(),
            absl::NotFoundError("cannot open /none.textproto: No such file or directory"));
  EXPECT_EQ(ReadTextProto("/dev/zero", &experiment).status().code(),
            absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace drover
