#include "agent/normalizer.h"

#include "absl/strings/str_cat.h"

namespace drover {

Normalizer::Normalizer(const RunningNorm& norm) : norm_(norm) {
  if (norm.observations() > 0) observations_.emplace(norm.observations());
  if (norm.returns() > 0) returns_.emplace(norm.returns());
}

void Normalizer::Add(const std::vector<SeenMoments>& seen) {
  for (const SeenMoments& one : seen) {
    if (observations_) observations_->Merge(RunningMoments(one.observations));
    if (returns_) returns_->Merge(RunningMoments(one.returns));
  }
  if (observations_) norm_.SetObservations(observations_->mean(), observations_->Deviation());
  if (returns_) norm_.SetReturns(returns_->Deviation());
}

UpdateRule::NamedTensors Normalizer::State() const {
  UpdateRule::NamedTensors state;
  const auto append = [&state](const char* name, const std::optional<RunningMoments>& moments) {
    if (!moments) return;
    for (auto& [part, tensor] : moments->State()) {
      state.emplace_back(absl::StrCat("normalization.", name, ".", part), tensor);
    }
  };
  append("observations", observations_);
  append("returns", returns_);
  return state;
}

}  // namespace drover
