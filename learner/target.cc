#include "learner/target.h"

namespace drover {
namespace {

constexpr size_t kDefaultWindow = 100;

bool ReturnReached(const Experiment& experiment, const Progress& progress) {
  const Target& target = experiment.target();
  return target.has_return_() && target.source() != Target::Source::evaluator &&
         progress.episodes >= TargetWindow(experiment) && progress.mean_return >= target.return_();
}

}  // namespace

size_t TargetWindow(const Experiment& experiment) {
  const uint32_t episodes = experiment.target().episodes();
  return episodes == 0 ? kDefaultWindow : episodes;
}

EndReason::Kind Outcome(const Experiment& experiment, const Progress& progress) {
  if (ReturnReached(experiment, progress)) return EndReason::target_reached;
  if (progress.budget_spent) return EndReason::budget_spent;
  return EndReason::unspecified;
}

}  // namespace drover
