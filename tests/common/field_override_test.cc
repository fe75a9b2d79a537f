#include "common/field_override.h"

#include <string>

#include "common/text_proto.h"
#include "gtest/gtest.h"
#include "proto/experiment.pb.h"
#include "proto/spec.pb.h"

namespace drover {
namespace {

class FieldOverrideTest : public ::testing::Test {
 protected:
  FieldOverrideTest()
      : locations_(*ParseTextProto("f",
                                   "seed: 1\n"
                                   "model { layers: 64 layers: 64 activation: tanh }\n"
                                   "update { rmsprop { decay: 0.5 } }\n",
                                   &experiment_)) {}

  absl::Status Set(const std::string& option) {
    return SetOption(option, &experiment_, &locations_);
  }
  std::string Error(const std::string& option) {
    const absl::Status status = Set(option);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << option;
    return std::string(status.message());
  }

  Experiment experiment_;
  FieldLocations locations_;
};

TEST_F(FieldOverrideTest, SetsEveryKind) {
  for (const char* option :
       {"seed=3", "environment=Catch-v0", "returns.gamma=0.5", "loss.value_coefficient=-1e-3",
        "model.shared=true", "model.activation=relu", "learner.batch=12", "name=a=b {"}) {
    EXPECT_EQ(Set(option), absl::OkStatus()) << option;
  }
  EXPECT_EQ(experiment_.seed(), 3U);
  EXPECT_EQ(experiment_.environment(), "Catch-v0");
  EXPECT_EQ(experiment_.returns().gamma(), 0.5);
  EXPECT_EQ(experiment_.loss().value_coefficient(), -1e-3);
  EXPECT_TRUE(experiment_.model().shared());
  EXPECT_EQ(experiment_.model().activation(), ModelConfig::Activation::relu);
  EXPECT_EQ(experiment_.learner().batch(), 12U);
  EXPECT_EQ(experiment_.name(), "a=b {");
}

TEST_F(FieldOverrideTest, ReplacesLists) {
  EXPECT_EQ(Set("model.layers=128,256,512"), absl::OkStatus());
  ASSERT_EQ(experiment_.model().layers_size(), 3);
  EXPECT_EQ(experiment_.model().layers(2), 512U);
  EXPECT_EQ(Set("model.layers="), absl::OkStatus());
  EXPECT_EQ(experiment_.model().layers_size(), 0);
}

TEST_F(FieldOverrideTest, ReplacesMessages) {
  EXPECT_EQ(Set("update.adam={ beta1: 0.8 }"), absl::OkStatus());
  EXPECT_FALSE(experiment_.update().has_rmsprop());
  EXPECT_EQ(experiment_.update().adam().beta1(), 0.8);
  EXPECT_EQ(Set("update.adam={}"), absl::OkStatus());
  EXPECT_FALSE(experiment_.update().adam().has_beta1());
}

TEST_F(FieldOverrideTest, ChangesTheOnlyMessageOfAList) {
  EXPECT_EQ(Set("replay.tables.name=a"), absl::OkStatus());  // made
  EXPECT_EQ(Set("replay.tables.rate_limit.min_size=7"), absl::OkStatus());
  ASSERT_EQ(experiment_.replay().tables_size(), 1);
  EXPECT_EQ(experiment_.replay().tables(0).name(), "a");
  EXPECT_EQ(experiment_.replay().tables(0).rate_limit().min_size(), 7U);
  experiment_.mutable_replay()->add_tables();
  EXPECT_EQ(
      Error("replay.tables.steps=3"),
      "--set replay.tables.steps=3: there are several replay.tables; change them in the file");
}

TEST_F(FieldOverrideTest, LaterErrorsPointToIt) {
  EXPECT_EQ(Set("model.layers=0"), absl::OkStatus());
  EXPECT_EQ(locations_.Error("model.layers[0]", "too small"),
            absl::InvalidArgumentError("--set model.layers=0: model.layers[0]: too small"));
  EXPECT_EQ(locations_.Locate("model.activation"), "f:2:31");
  EXPECT_EQ(SetField("seed", "3", "--seed 3", &experiment_, &locations_), absl::OkStatus());
  EXPECT_EQ(locations_.Locate("seed"), "--seed 3");
}

TEST_F(FieldOverrideTest, NeedsNoLocations) {
  EXPECT_EQ(SetOption("seed=9", &experiment_, nullptr), absl::OkStatus());
  EXPECT_EQ(experiment_.seed(), 9U);
}

TEST_F(FieldOverrideTest, RefusesUnknownPaths) {
  EXPECT_EQ(Error("model.layer=3"),
            "--set model.layer=3: unknown field of model \"layer\"; did you mean \"layers\"? "
            "known: layers, activation, shared, policy, bins, critics, action_values, batch_norm, "
            "temperature, recurrence, normalization");
  EXPECT_EQ(Error("modl.layers=3").substr(0, 64),
            "--set modl.layers=3: unknown field \"modl\"; did you mean \"model\"?");
  EXPECT_EQ(Error("seed.x=3"), "--set seed.x=3: seed has no fields of its own");
  EXPECT_EQ(Error("model.layers.x=3"),
            "--set model.layers.x=3: model.layers has no fields of its own");
  EXPECT_NE(Error("=3"), "");
  EXPECT_NE(Error(".seed=3"), "");
  EXPECT_NE(Error("seed.=3"), "");
  EXPECT_EQ(Error("seed"), "--set seed: not of the form path=value");
}

TEST_F(FieldOverrideTest, RefusesWrongValues) {
  EXPECT_EQ(Error("learner.batch=-1"),
            "--set learner.batch=-1: learner.batch cannot be \"-1\"; "
            "allowed: an integer of 0 … 4294967295");
  EXPECT_EQ(Error("model.activation=rellu"),
            "--set model.activation=rellu: model.activation cannot be \"rellu\"; "
            "allowed: one of: tanh, relu");
  EXPECT_EQ(Error("model.activation=17"),
            "--set model.activation=17: unknown value of model.activation \"17\"; "
            "known: tanh, relu");
  EXPECT_NE(Error("model.layers=3,x"), "");
  EXPECT_NE(Error("model.layers=3,"), "");
  EXPECT_NE(Error("seed="), "");
  EXPECT_NE(Error("seed=1 environment: 'x'"), "");
  EXPECT_NE(Error("update.adam={ beta: 1 }"), "");
  EXPECT_NE(Error("update.adam=3"), "");
}

}  // namespace
}  // namespace drover
