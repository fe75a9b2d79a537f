#include "agent/distributions/make_distribution.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "agent/distributions/action_scale.h"
#include "agent/distributions/beta.h"
#include "agent/distributions/categorical.h"
#include "agent/distributions/deterministic.h"
#include "agent/distributions/discretised.h"
#include "agent/distributions/gaussian.h"
#include "agent/distributions/squashed_gaussian.h"

namespace drover {
namespace {

constexpr uint32_t kDefaultBins = 11;

PolicyHead::Kind Chosen(const Space& action, const ModelConfig& config) {
  if (config.policy() != PolicyHead::unspecified) return config.policy();
  return action.discrete() ? PolicyHead::categorical : PolicyHead::gaussian;
}

absl::Status CheckFits(PolicyHead::Kind head, const Space& action) {
  const std::string name = PolicyHead::Kind_Name(head);
  if (action.discrete()) {
    if (head == PolicyHead::categorical) return absl::OkStatus();
    return absl::InvalidArgumentError(
        absl::StrCat("a ", name, " policy acts with numbers, the environment has ", action.n,
                     " discrete actions; allowed is categorical"));
  }
  if (head == PolicyHead::categorical) {
    return absl::InvalidArgumentError(
        "a categorical policy chooses one of n actions, the environment's actions are numbers; "
        "allowed are gaussian and, where they have bounds, squashed_gaussian, deterministic, beta "
        "and discretised");
  }
  if (action.shape.size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("actions of ", action.shape.size(), " axes; allowed is one"));
  }
  if (head == PolicyHead::gaussian || Bounded(action)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("a ", name,
                   " policy needs finite bounds, the environment's actions have none; allowed is "
                   "gaussian"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Distribution>> MakeDistribution(const Space& action,
                                                               const ModelConfig& config) {
  const PolicyHead::Kind head = Chosen(action, config);
  if (auto status = CheckFits(head, action); !status.ok()) return status;
  switch (head) {
    case PolicyHead::categorical:
      return std::make_unique<Categorical>(action.n);
    case PolicyHead::gaussian:
      return std::make_unique<Gaussian>(action);
    case PolicyHead::squashed_gaussian:
      return std::make_unique<SquashedGaussian>(action);
    case PolicyHead::deterministic:
      return std::make_unique<Deterministic>(action);
    case PolicyHead::beta:
      return std::make_unique<Beta>(action);
    case PolicyHead::discretised: {
      const uint32_t bins = config.has_bins() ? config.bins() : kDefaultBins;
      if (bins >= 2) return std::make_unique<Discretised>(action, bins);
      return absl::InvalidArgumentError(
          absl::StrCat("model.bins is ", bins, "; allowed is at least 2"));
    }
    default:
      return absl::InvalidArgumentError(absl::StrCat("an unknown policy head, number ", head));
  }
}

}  // namespace drover
