#include "common/spec.h"

#include <functional>
#include <vector>

#include "gtest/gtest.h"

namespace drover {
namespace {

Leaf MakeLeaf(const char* name, DType::Kind dtype, const std::vector<int64_t>& shape,
              Leaf::Rate rate) {
  Leaf leaf;
  leaf.set_name(name);
  leaf.set_dtype(dtype);
  for (const int64_t size : shape) leaf.add_shape(size);
  leaf.set_rate(rate);
  return leaf;
}

Spec Example() {
  Spec spec;
  spec.set_protocol_version(1);
  spec.set_steps(20);
  *spec.add_leaves() = MakeLeaf("observation", DType::float32, {4}, Leaf::per_observation);
  *spec.add_leaves() = MakeLeaf("end", DType::uint8, {}, Leaf::per_step);
  return spec;
}

TEST(SpecTest, HashStaysTheSame) {
  // Processes of different builds meet: a changed hash is a changed protocol.
  EXPECT_EQ(SpecHash(Example()), 16117464325279452539U);
}

TEST(SpecTest, EverythingChangesTheHash) {
  const std::vector<std::function<void(Spec*)>> changes = {
      [](Spec* spec) { spec->set_protocol_version(2); },
      [](Spec* spec) { spec->set_steps(21); },
      [](Spec* spec) { spec->mutable_leaves()->RemoveLast(); },
      [](Spec* spec) { spec->mutable_leaves()->SwapElements(0, 1); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_name("observations"); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_dtype(DType::float64); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_rate(Leaf::per_step); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_shape(0, 5); },
      [](Spec* spec) { spec->mutable_leaves(0)->add_shape(1); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Spec spec = Example();
    changes[i](&spec);
    EXPECT_NE(SpecHash(spec), SpecHash(Example())) << i;
  }
}

TEST(SpecTest, CountsValuesByRate) {
  const auto count = [](Leaf::Rate rate) {
    return ValueCount(MakeLeaf("x", DType::float32, {}, rate), 20, 3, 2);
  };
  EXPECT_EQ(count(Leaf::per_observation), 63U);
  EXPECT_EQ(count(Leaf::per_step), 60U);
  EXPECT_EQ(count(Leaf::per_unroll), 3U);
  EXPECT_EQ(count(Leaf::sparse), 2U);
}

TEST(SpecTest, BytesOfAValue) {
  EXPECT_EQ(ValueBytes(MakeLeaf("x", DType::float32, {10, 5}, Leaf::per_step)), 200U);
  EXPECT_EQ(ValueBytes(MakeLeaf("x", DType::uint8, {}, Leaf::per_step)), 1U);
}

TEST(SpecTest, AcceptsAGoodSpec) { EXPECT_EQ(CheckSpec(Example()), absl::OkStatus()); }

TEST(SpecTest, RefusesABadOne) {
  const std::vector<std::function<void(Spec*)>> changes = {
      [](Spec* spec) { spec->set_steps(0); },
      [](Spec* spec) { spec->mutable_leaves(1)->set_name("observation"); },
      [](Spec* spec) { spec->mutable_leaves(0)->clear_name(); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_dtype(static_cast<DType::Kind>(50)); },
      [](Spec* spec) { spec->mutable_leaves(0)->clear_rate(); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_rate(static_cast<Leaf::Rate>(50)); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_shape(0, -4); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    Spec spec = Example();
    changes[i](&spec);
    EXPECT_EQ(CheckSpec(spec).code(), absl::StatusCode::kInvalidArgument) << i;
  }
}

TEST(SpecTest, Describes) {
  EXPECT_EQ(DescribeSpec(Example()),
            "protocol 1, T = 20\n"
            "observation  float32 [4]  per_observation\n"
            "end          uint8 []  per_step\n");
}

}  // namespace
}  // namespace drover
