#include "common/field_locations.h"

#include "gtest/gtest.h"

namespace drover {
namespace {

TEST(FieldLocationsTest, FindsTheFieldOrWhatIsAround) {
  FieldLocations locations("a.textproto");
  locations.Record("model", "a.textproto:3:1");
  locations.Record("model.layers", "a.textproto:4:3");
  locations.Record("model.layers[1]", "a.textproto:5:3");
  EXPECT_EQ(locations.Locate("model.layers"), "a.textproto:4:3");
  EXPECT_EQ(locations.Locate("model.layers[1]"), "a.textproto:5:3");
  EXPECT_EQ(locations.Locate("model.layers[2]"), "a.textproto:4:3");
  EXPECT_EQ(locations.Locate("model.activation"), "a.textproto:3:1");
  EXPECT_EQ(locations.Locate("budget.max_frames"), "a.textproto");
  EXPECT_EQ(locations.Locate(""), "a.textproto");
}

TEST(FieldLocationsTest, ANewPlaceCoversAllBelow) {
  FieldLocations locations("a.textproto");
  locations.Record("update.adam.epsilon", "a.textproto:3:1");
  locations.Record("update.adams", "a.textproto:4:1");
  locations.Record("update.adam", "--set update.adam={}");
  EXPECT_EQ(locations.Locate("update.adam.epsilon"), "--set update.adam={}");
  EXPECT_EQ(locations.Locate("update.adams"), "a.textproto:4:1");

  locations.Record("model.layers[1]", "a.textproto:5:1");
  locations.Record("model.layers", "--set model.layers=0");
  EXPECT_EQ(locations.Locate("model.layers[1]"), "--set model.layers=0");
}

TEST(FieldLocationsTest, WritesErrors) {
  FieldLocations locations("a.textproto");
  locations.Record("returns.gamma", "a.textproto:7:11");
  EXPECT_EQ(locations.Error("returns.gamma", "2 is not in 0 … 1"),
            absl::InvalidArgumentError("a.textproto:7:11: returns.gamma: 2 is not in 0 … 1"));
}

TEST(FieldLocationsTest, JoinsPaths) {
  EXPECT_EQ(JoinPath("", "model"), "model");
  EXPECT_EQ(JoinPath("model", "layers"), "model.layers");
}

}  // namespace
}  // namespace drover
