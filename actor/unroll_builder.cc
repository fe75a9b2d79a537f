#include "actor/unroll_builder.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/check.h"
#include "common/clock.h"
#include "common/status_macros.h"

namespace drover {
namespace {

// What a leaf must look like, by its name.
struct Expected {
  DType::Kind dtype;
  Leaf::Rate rate;
  std::vector<int64_t> shape;
};

absl::Status CheckLeaf(const Leaf& leaf, const Expected& expected) {
  if (leaf.dtype() == expected.dtype && leaf.rate() == expected.rate &&
      std::equal(leaf.shape().begin(), leaf.shape().end(), expected.shape.begin(),
                 expected.shape.end())) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("the run's leaf \"", leaf.name(), "\" is ", DType::Kind_Name(leaf.dtype()), "[",
                   absl::StrJoin(leaf.shape(), ", "), "] ", Leaf::Rate_Name(leaf.rate()),
                   ", the environment has ", DType::Kind_Name(expected.dtype), "[",
                   absl::StrJoin(expected.shape, ", "), "] ", Leaf::Rate_Name(expected.rate)));
}

}  // namespace

absl::StatusOr<UnrollBuilder> UnrollBuilder::Make(const Spec& spec,
                                                  const EnvironmentSpec& environment,
                                                  int64_t environments, int64_t state_elements) {
  if (spec.steps() == 0) return absl::InvalidArgumentError("the run's unrolls have no steps");
  UnrollBuilder builder(spec.steps(), environments, environment.action.discrete());
  for (int i = 0; i < spec.leaves_size(); ++i) {
    DROVER_RETURN_IF_ERROR(builder.AddColumn(i, spec.leaves(i), environment, state_elements));
  }
  for (const Column* column : {&builder.observation_, &builder.action_, &builder.log_prob_,
                               &builder.reward_, &builder.end_, &builder.final_observation_}) {
    if (column->index < 0) return absl::InvalidArgumentError("the run's spec lacks a leaf");
  }
  if (state_elements > 0 && builder.state_.index < 0) {
    return absl::InvalidArgumentError("the run's spec lacks the leaf \"state\"");
  }
  return builder;
}

absl::Status UnrollBuilder::AddColumn(int index, const Leaf& leaf,
                                      const EnvironmentSpec& environment, int64_t state_elements) {
  const Space& seen = environment.observation;
  const Space& act = environment.action;
  const size_t e = static_cast<size_t>(environments_);
  const auto add = [&](Column* column, size_t row_bytes, int64_t rows,
                       const Expected& expected) -> absl::Status {
    DROVER_RETURN_IF_ERROR(CheckLeaf(leaf, expected));
    if (column->index >= 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the run's spec has the leaf \"", leaf.name(), "\" twice"));
    }
    *column = {index, row_bytes};
    unrolls_.add_columns()->resize(static_cast<size_t>(rows) * row_bytes);
    return absl::OkStatus();
  };
  const std::string& name = leaf.name();
  const size_t seen_bytes = static_cast<size_t>(seen.elements()) * sizeof(float);
  if (name == "observation") {
    return add(&observation_, e * seen_bytes, steps_ + 1,
               {DType::float32, Leaf::per_observation, seen.shape});
  }
  if (name == "final_observation") {
    return add(&final_observation_, seen_bytes, 0, {DType::float32, Leaf::sparse, seen.shape});
  }
  if (name == "action") {
    return add(&action_, e * static_cast<size_t>(act.elements()) * 4, steps_,
               {act.discrete() ? DType::int32 : DType::float32, Leaf::per_step, act.shape});
  }
  if (name == "log_prob" || name == "reward") {
    return add(name == "reward" ? &reward_ : &log_prob_, e * sizeof(float), steps_,
               {DType::float32, Leaf::per_step, {}});
  }
  if (name == "end") {
    return add(&end_, e, steps_, {DType::uint8, Leaf::per_step, {}});
  }
  if (name == "state" && state_elements > 0) {
    return add(&state_, e * static_cast<size_t>(state_elements) * sizeof(float), 1,
               {DType::float32, Leaf::per_unroll, {state_elements}});
  }
  return absl::InvalidArgumentError(
      absl::StrCat("this actor does not know the run's leaf \"", name, "\""));
}

void UnrollBuilder::Begin() {
  const bool first = unrolls_.versions().empty();
  if (!first) std::memcpy(observation(0), observation(steps_), observation_.row_bytes);
  unrolls_.mutable_columns(final_observation_.index)->clear();
  unrolls_.clear_finals();
  unrolls_.clear_versions();
  unrolls_.clear_episodes();
  unrolls_.set_started_unix_micros(UnixMicros());
}

void UnrollBuilder::StartFrom(const float* start) {
  std::memcpy(observation(0), start, observation_.row_bytes);
  std::memcpy(observation(steps_), start, observation_.row_bytes);
}

void UnrollBuilder::SetState(const float* state) {
  DROVER_CHECK((state == nullptr) == (state_.index < 0));
  if (state != nullptr) std::memcpy(Row<float>(state_, 0), state, state_.row_bytes);
}

ActionRow UnrollBuilder::action(int64_t t) {
  ActionRow row;
  if (discrete_) {
    row.discrete = Row<int32_t>(action_, t);
  } else {
    row.continuous = Row<float>(action_, t);
  }
  return row;
}

void UnrollBuilder::SetVersion(int64_t t, uint64_t version) {
  const auto& versions = unrolls_.versions();
  DROVER_CHECK(versions.empty() == (t == 0)) << "step " << t;
  if (t > 0 && versions[versions.size() - 1].version() == version) return;
  VersionRun* run = unrolls_.add_versions();
  run->set_first_step(static_cast<uint32_t>(t));
  run->set_version(version);
}

void UnrollBuilder::AddFinished(int64_t t, absl::Span<const FinishedEpisode> finished) {
  for (const FinishedEpisode& ended : finished) {
    Episode* episode = unrolls_.add_episodes();
    episode->set_return_(ended.episode_return);
    episode->set_length(static_cast<uint64_t>(ended.length));
    if (ended.end != End::kTruncated) continue;
    Position* position = unrolls_.add_finals();
    position->set_step(static_cast<uint32_t>(t));
    position->set_environment(static_cast<uint32_t>(ended.environment));
    unrolls_.mutable_columns(final_observation_.index)
        ->append(reinterpret_cast<const char*>(ended.final_observation),
                 final_observation_.row_bytes);
  }
}

}  // namespace drover
