#include "common/unroll_validator.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "tests/learner/unrolls.h"

namespace drover {
namespace {

using testing::kActionLeaf;
using testing::kActions;
using testing::kEndLeaf;
using testing::kEnvironments;
using testing::kFinalLeaf;
using testing::kLogProbLeaf;
using testing::kObservationLeaf;
using testing::kRewardLeaf;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::Set;

constexpr uint64_t kNewest = 7;

UnrollValidator MakeValidator() {
  return UnrollValidator(*UnrollLayout::Make(testing::TestSpec()), kActions);
}

TEST(UnrollLayout, RefusesASpecWithoutEnds) {
  Spec spec = testing::TestSpec();
  spec.mutable_leaves(kEndLeaf)->set_name("done");
  EXPECT_FALSE(UnrollLayout::Make(spec).ok());
  spec = testing::TestSpec();
  spec.mutable_leaves(kEndLeaf)->set_dtype(DType::int32);
  EXPECT_FALSE(UnrollLayout::Make(spec).ok());
  spec = testing::TestSpec();
  spec.mutable_leaves(kRewardLeaf)->add_shape(-1);
  EXPECT_FALSE(UnrollLayout::Make(spec).ok());
  spec = testing::TestSpec();
  spec.mutable_leaves(kRewardLeaf)->set_dtype(DType::unspecified);
  EXPECT_FALSE(UnrollLayout::Make(spec).ok());
}

TEST(UnrollLayout, NoValidMessageIsLargerThanItSays) {
  const auto layout = UnrollLayout::Make(testing::TestSpec());
  Unrolls unrolls = MakeUnrolls(~uint64_t{0}, 1);
  for (uint32_t t = 0; t < kSteps; ++t) {
    for (uint32_t e = 0; e < kEnvironments; ++e) testing::Truncate(&unrolls, t, e, 1, 1e300);
    VersionRun* run = unrolls.add_versions();
    run->set_first_step(t);
    run->set_version(~uint64_t{0});
  }
  EXPECT_LE(unrolls.ByteSizeLong(), layout->MaxMessageBytes(kEnvironments));
  EXPECT_GT(2 * unrolls.ByteSizeLong() + 1024, layout->MaxMessageBytes(kEnvironments) / 2);
}

TEST(UnrollValidator, AcceptsWhatFitsTheSpec) {
  const UnrollValidator validator = MakeValidator();
  Unrolls unrolls = MakeUnrolls(1, kNewest - 1);
  testing::Terminate(&unrolls, 0, 0, 5);
  testing::Truncate(&unrolls, 1, 0, 9, 2);
  testing::Truncate(&unrolls, 2, 1, 8, 3);
  VersionRun* run = unrolls.add_versions();
  run->set_first_step(kSteps - 1);
  run->set_version(kNewest);
  EXPECT_EQ(validator.CheckForm(unrolls, kEnvironments, kNewest), absl::OkStatus());
  EXPECT_EQ(validator.CheckFinite(unrolls), absl::OkStatus());
}

struct Damage {
  std::string name;
  std::function<void(Unrolls*)> apply;
  std::string complaint;  // part of the message
};

void PrintTo(const Damage& damage, std::ostream* out) { *out << damage.name; }

class MalformedUnrolls : public ::testing::TestWithParam<Damage> {};

TEST_P(MalformedUnrolls, AreInvalidArgument) {
  Unrolls unrolls = MakeUnrolls(1, kNewest - 1);
  testing::Terminate(&unrolls, 0, 0, 5);
  testing::Truncate(&unrolls, 1, 0, 9, 2);
  testing::Truncate(&unrolls, 1, 1, 8, 3);
  const UnrollValidator validator = MakeValidator();
  ASSERT_TRUE(validator.CheckForm(unrolls, kEnvironments, kNewest).ok());
  GetParam().apply(&unrolls);
  const absl::Status status = validator.CheckForm(unrolls, kEnvironments, kNewest);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find(GetParam().complaint), absl::string_view::npos) << status;
}

const Damage kDamages[] = {
    {"column_missing", [](Unrolls* u) { u->mutable_columns()->RemoveLast(); }, "leaves"},
    {"column_too_many", [](Unrolls* u) { u->add_columns(""); }, "leaves"},
    {"column_short", [](Unrolls* u) { u->mutable_columns(kRewardLeaf)->pop_back(); }, "reward"},
    {"column_empty", [](Unrolls* u) { u->mutable_columns(kEndLeaf)->clear(); }, "end"},
    {"column_long", [](Unrolls* u) { u->mutable_columns(kObservationLeaf)->append(8, 'x'); },
     "observation"},
    {"final_value_missing", [](Unrolls* u) { u->mutable_columns(kFinalLeaf)->resize(8); },
     "final_observation"},
    {"end_unknown", [](Unrolls* u) { Set<uint8_t>(u, kEndLeaf, 5, 3); }, "an end of 3"},
    {"end_without_final",
     [](Unrolls* u) {
       Set<uint8_t>(u, kEndLeaf, 5, 2);
       testing::AddEpisode(u, 1, 1);
     },
     "step 2 of environment 1"},
    {"final_without_end", [](Unrolls* u) { Set<uint8_t>(u, kEndLeaf, 3, 1); }, "finals"},
    {"final_elsewhere", [](Unrolls* u) { u->mutable_finals(1)->set_step(2); }, "finals"},
    {"final_environment_out_of_range",
     [](Unrolls* u) {
       u->mutable_finals(1)->set_step(0);
       u->mutable_finals(1)->set_environment(3);  // 0 * E + 3 is the same place
     },
     "finals"},
    {"final_far_out_of_range", [](Unrolls* u) { u->mutable_finals(0)->set_step(~0U); }, "finals"},
    {"finals_in_another_order", [](Unrolls* u) { u->mutable_finals()->SwapElements(0, 1); },
     "finals"},
    {"episode_missing", [](Unrolls* u) { u->mutable_episodes()->RemoveLast(); }, "episodes"},
    {"episode_too_many", [](Unrolls* u) { testing::AddEpisode(u, 1, 1); }, "episodes"},
    {"episode_empty", [](Unrolls* u) { u->mutable_episodes(0)->set_length(0); }, "0 steps"},
    {"versions_missing", [](Unrolls* u) { u->clear_versions(); }, "versions"},
    {"versions_start_late", [](Unrolls* u) { u->mutable_versions(0)->set_first_step(1); },
     "versions"},
    {"versions_descend",
     [](Unrolls* u) {
       u->add_versions()->set_first_step(1);
       u->mutable_versions(1)->set_version(kNewest - 2);
     },
     "ascend"},
    {"versions_at_one_step",
     [](Unrolls* u) {
       u->add_versions()->set_first_step(0);
       u->mutable_versions(1)->set_version(kNewest);
     },
     "ascend"},
    {"version_after_the_end",
     [](Unrolls* u) {
       u->add_versions()->set_first_step(kSteps);
       u->mutable_versions(1)->set_version(kNewest);
     },
     "acted from step"},
    {"action_negative", [](Unrolls* u) { Set<int32_t>(u, kActionLeaf, 2, -1); }, "action -1"},
    {"action_too_high", [](Unrolls* u) { Set<int32_t>(u, kActionLeaf, 5, kActions); }, "action 3"},
};

INSTANTIATE_TEST_SUITE_P(UnrollValidator, MalformedUnrolls, ::testing::ValuesIn(kDamages),
                         [](const auto& info) { return info.param.name; });

// Its actor is not at fault: it comes back, to the learner that made them.
TEST(UnrollValidator, VersionsNotPublishedHereAreAnotherLearners) {
  const UnrollValidator validator = MakeValidator();
  Unrolls unrolls = MakeUnrolls(1, kNewest);
  VersionRun* run = unrolls.add_versions();
  run->set_first_step(1);
  run->set_version(kNewest + 1);
  const absl::Status status = validator.CheckForm(unrolls, kEnvironments, kNewest);
  EXPECT_TRUE(absl::IsAborted(status)) << status;
  EXPECT_TRUE(validator.CheckForm(unrolls, kEnvironments, kNewest + 1).ok());
}

TEST(UnrollValidator, FindsWhatIsNotFinite) {
  const UnrollValidator validator = MakeValidator();
  const float nan = std::nanf("");
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float value : {nan, -nan, infinity, -infinity}) {
    for (const auto leaf : {kObservationLeaf, kLogProbLeaf, kRewardLeaf}) {
      Unrolls unrolls = MakeUnrolls(1, 1);
      const size_t last = unrolls.columns(leaf).size() / sizeof(float) - 1;
      Set<float>(&unrolls, leaf, last, value);
      EXPECT_TRUE(validator.CheckForm(unrolls, kEnvironments, kNewest).ok());
      EXPECT_FALSE(validator.CheckFinite(unrolls).ok()) << leaf << " " << value;
    }
  }
  Unrolls finite = MakeUnrolls(1, 1);
  Set<float>(&finite, kRewardLeaf, 0, std::numeric_limits<float>::max());
  Set<float>(&finite, kRewardLeaf, 1, std::numeric_limits<float>::lowest());
  Set<float>(&finite, kRewardLeaf, 2, std::numeric_limits<float>::denorm_min());
  EXPECT_TRUE(validator.CheckFinite(finite).ok());

  Unrolls final_value = MakeUnrolls(1, 1);
  testing::Truncate(&final_value, 1, 0, nan, 1);
  EXPECT_FALSE(validator.CheckFinite(final_value).ok());
  Unrolls episode = MakeUnrolls(1, 1);
  testing::Terminate(&episode, 1, 0, std::nan(""));
  EXPECT_FALSE(validator.CheckFinite(episode).ok());
}

TEST(UnrollValidator, LockstepWantsAStateAndTheNewestVersion) {
  const UnrollValidator validator(*UnrollLayout::Make(testing::TestSpec()), kActions,
                                  /*max_state_bytes=*/10);
  const auto check = [&](const Unrolls& unrolls) {
    return validator.CheckForm(unrolls, kEnvironments, kNewest).ok();
  };
  Unrolls unrolls = MakeUnrolls(1, kNewest);
  EXPECT_FALSE(check(unrolls));
  unrolls.set_state(std::string(11, 'x'));
  EXPECT_FALSE(check(unrolls));
  unrolls.set_state(std::string(10, 'x'));
  EXPECT_TRUE(check(unrolls));
  EXPECT_FALSE(MakeValidator().CheckForm(unrolls, kEnvironments, kNewest).ok());
  unrolls.mutable_versions(0)->set_version(kNewest - 1);
  EXPECT_FALSE(check(unrolls));
  VersionRun* run = unrolls.add_versions();
  run->set_first_step(1);
  run->set_version(kNewest);
  EXPECT_FALSE(check(unrolls));
}

}  // namespace
}  // namespace drover
