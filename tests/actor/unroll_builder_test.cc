#include "actor/unroll_builder.h"

#include <functional>
#include <string>
#include <vector>

#include "agent/spec.h"
#include "gtest/gtest.h"
#include "tests/env/counter.h"

namespace drover {
namespace {

constexpr int64_t kSteps = 3;
constexpr int64_t kEnvironments = 2;

Experiment Config() {
  Experiment experiment;
  experiment.mutable_actors()->set_unroll(kSteps);
  return experiment;
}

EnvironmentSpec Environment2d() { return Counter(Space::Box({2}, -1, 1), 1e9, 0).spec(); }

absl::StatusOr<UnrollBuilder> Make(const EnvironmentSpec& environment,
                                   const std::function<void(Spec*)>& change) {
  Spec spec = MakeSpec(Config(), environment);
  change(&spec);
  return UnrollBuilder::Make(spec, environment, kEnvironments);
}

TEST(UnrollBuilderTest, ColumnsHaveTheSpecsSizes) {
  UnrollBuilder builder = Make(Environment2d(), [](Spec*) {}).value();
  builder.Begin();
  const Unrolls& unrolls = *builder.unrolls();
  ASSERT_EQ(unrolls.columns_size(), 6);
  EXPECT_EQ(unrolls.columns(0).size(), (kSteps + 1) * kEnvironments * 3 * 4U);  // observation
  EXPECT_EQ(unrolls.columns(1).size(), kSteps * kEnvironments * 2 * 4U);        // action
  EXPECT_EQ(unrolls.columns(2).size(), kSteps * kEnvironments * 4U);            // log_prob
  EXPECT_EQ(unrolls.columns(3).size(), kSteps * kEnvironments * 4U);            // reward
  EXPECT_EQ(unrolls.columns(4).size(), kSteps * kEnvironments * 1U);            // end
  EXPECT_EQ(unrolls.columns(5).size(), 0U);                                     // final_observation
  EXPECT_GT(unrolls.started_unix_micros(), 0U);
}

TEST(UnrollBuilderTest, RowsAreWhereTheyBelong) {
  UnrollBuilder builder = Make(Environment2d(), [](Spec*) {}).value();
  builder.Begin();
  const auto offset = [&builder](int column, const void* row) {
    return static_cast<const char*>(row) - builder.unrolls()->columns(column).data();
  };
  EXPECT_EQ(offset(0, builder.observation(3)), 3 * kEnvironments * 3 * 4);
  EXPECT_EQ(offset(1, builder.action(2).continuous), 2 * kEnvironments * 2 * 4);
  EXPECT_EQ(builder.action(2).discrete, nullptr);
  EXPECT_EQ(offset(2, builder.log_prob(1)), kEnvironments * 4);
  EXPECT_EQ(offset(3, builder.reward(1)), kEnvironments * 4);
  EXPECT_EQ(offset(4, builder.end(1)), kEnvironments);
}

TEST(UnrollBuilderTest, FollowsTheSpecsOrder) {
  UnrollBuilder builder =
      Make(Environment2d(), [](Spec* spec) { spec->mutable_leaves()->SwapElements(0, 4); }).value();
  EXPECT_EQ(builder.unrolls()->columns(0).size(), kSteps * kEnvironments * 1U);
  EXPECT_EQ(static_cast<void*>(builder.end(0)),
            static_cast<const void*>(builder.unrolls()->columns(0).data()));
}

TEST(UnrollBuilderTest, VersionsAreRuns) {
  UnrollBuilder builder = Make(Environment2d(), [](Spec*) {}).value();
  for (int unroll = 0; unroll < 2; ++unroll) {  // nothing stays from the first
    builder.Begin();
    builder.SetVersion(0, 5);
    builder.SetVersion(1, 5);
    builder.SetVersion(2, 9);
    const Unrolls& unrolls = *builder.unrolls();
    ASSERT_EQ(unrolls.versions_size(), 2);
    EXPECT_EQ(unrolls.versions(0).first_step(), 0U);
    EXPECT_EQ(unrolls.versions(0).version(), 5U);
    EXPECT_EQ(unrolls.versions(1).first_step(), 2U);
    EXPECT_EQ(unrolls.versions(1).version(), 9U);
  }
}

TEST(UnrollBuilderTest, KeepsFinalObservationsOfTruncatedEpisodesOnly) {
  UnrollBuilder builder = Make(Environment2d(), [](Spec*) {}).value();
  builder.Begin();
  builder.SetVersion(0, 1);
  const std::vector<float> terminal = {1, 2, 3};
  const std::vector<float> cut = {4, 5, 6};
  builder.AddFinished(1, {{0, End::kTerminated, 1.5, 10, terminal.data()},
                          {1, End::kTruncated, 2.5, 20, cut.data()}});
  const Unrolls& unrolls = *builder.unrolls();
  ASSERT_EQ(unrolls.episodes_size(), 2);
  EXPECT_EQ(unrolls.episodes(0).return_(), 1.5);
  EXPECT_EQ(unrolls.episodes(1).length(), 20U);
  ASSERT_EQ(unrolls.finals_size(), 1);
  EXPECT_EQ(unrolls.finals(0).step(), 1U);
  EXPECT_EQ(unrolls.finals(0).environment(), 1U);
  EXPECT_EQ(unrolls.columns(5), std::string(reinterpret_cast<const char*>(cut.data()), 12));

  builder.Begin();
  EXPECT_EQ(builder.unrolls()->episodes_size(), 0);
  EXPECT_EQ(builder.unrolls()->finals_size(), 0);
  EXPECT_EQ(builder.unrolls()->columns(5).size(), 0U);
}

TEST(UnrollBuilderTest, TakesWhatThePolicyRemembers) {
  Experiment config = Config();
  config.mutable_model()->set_shared(true);
  config.mutable_model()->mutable_recurrence()->set_size(2);  // an LSTM: 4 numbers
  const Spec spec = MakeSpec(config, Environment2d());
  UnrollBuilder builder = UnrollBuilder::Make(spec, Environment2d(), kEnvironments, 4).value();
  builder.Begin();
  const std::vector<float> state = {1, 2, 3, 4, 5, 6, 7, 8};
  builder.SetState(state.data());
  ASSERT_EQ(builder.unrolls()->columns_size(), 7);
  EXPECT_EQ(builder.unrolls()->columns(6),
            std::string(reinterpret_cast<const char*>(state.data()), 32));

  // A model that remembers more, less or nothing.
  for (const int64_t elements : {5, 3, 0}) {
    const auto other = UnrollBuilder::Make(spec, Environment2d(), kEnvironments, elements);
    EXPECT_TRUE(absl::IsInvalidArgument(other.status())) << elements;
  }
  const Spec without = MakeSpec(Config(), Environment2d());
  EXPECT_TRUE(absl::IsInvalidArgument(
      UnrollBuilder::Make(without, Environment2d(), kEnvironments, 4).status()));
}

TEST(UnrollBuilderTest, TheMemoryStaysTheSame) {
  UnrollBuilder builder = Make(Environment2d(), [](Spec*) {}).value();
  builder.Begin();
  builder.SetVersion(0, 1);
  const float* row = builder.observation(0);
  builder.Begin();
  EXPECT_EQ(builder.observation(0), row);
}

TEST(UnrollBuilderTest, RefusesASpecThatTheEnvironmentDoesNotHave) {
  const std::vector<std::function<void(Spec*)>> changes = {
      [](Spec* spec) { spec->set_steps(0); },
      [](Spec* spec) { spec->mutable_leaves(0)->set_dtype(DType::float64); },
      [](Spec* spec) { spec->mutable_leaves(0)->add_shape(1); },
      [](Spec* spec) { spec->mutable_leaves(1)->set_rate(Leaf::per_unroll); },
      [](Spec* spec) { spec->mutable_leaves(2)->set_name("entropy"); },
      [](Spec* spec) { spec->mutable_leaves(2)->set_name("reward"); },
      [](Spec* spec) { spec->mutable_leaves()->RemoveLast(); },
  };
  for (size_t i = 0; i < changes.size(); ++i) {
    EXPECT_TRUE(absl::IsInvalidArgument(Make(Environment2d(), changes[i]).status())) << i;
  }
}

}  // namespace
}  // namespace drover
