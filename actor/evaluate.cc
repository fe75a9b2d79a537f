#include "actor/evaluate.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "actor/model_policy.h"
#include "common/status_macros.h"
#include "env/registry.h"

namespace drover {
namespace {

constexpr uint32_t kMaxCopies = 128;
// Keeps these episodes apart from the training ones of the same seed, whose actors count from 0.
constexpr uint64_t kEvaluationActor = ~uint64_t{0};

// The counted episodes' returns, as they end.
class Scores {
 public:
  Scores(uint32_t episodes, uint32_t copies) : episodes_(episodes), left_(copies) {
    for (uint32_t i = 0; i < copies; ++i) left_[i] = episodes / copies + (i < episodes % copies);
  }

  bool complete() const { return returns_.size() == episodes_; }

  void Add(const FinishedEpisode& episode) {
    uint32_t& left = left_[static_cast<size_t>(episode.environment)];
    if (left == 0) return;
    --left;
    returns_.push_back(episode.episode_return);
  }

  Evaluation Summary() const {
    const double n = static_cast<double>(returns_.size());
    double sum = 0;
    for (const double x : returns_) sum += x;
    double squares = 0;
    for (const double x : returns_) squares += (x - sum / n) * (x - sum / n);
    Evaluation evaluation;
    evaluation.set_episodes(returns_.size());
    evaluation.set_mean(sum / n);
    evaluation.set_std(std::sqrt(squares / n));
    return evaluation;
  }

 private:
  const uint32_t episodes_;
  std::vector<uint32_t> left_;  // of each copy: episodes still to count
  std::vector<double> returns_;
};

// The memory of one step in all copies.
struct Scratch {
  Scratch(const EnvironmentSpec& spec, size_t copies)
      : observations(copies * static_cast<size_t>(spec.observation.elements())),
        discrete(spec.action.discrete() ? copies : 0),
        continuous(spec.action.discrete() ? 0
                                          : copies * static_cast<size_t>(spec.action.elements())),
        rewards(copies),
        ends(copies) {}

  ActionRow action() {
    return {discrete.empty() ? nullptr : discrete.data(),
            continuous.empty() ? nullptr : continuous.data()};
  }

  std::vector<float> observations;
  std::vector<int32_t> discrete;
  std::vector<float> continuous;
  std::vector<float> rewards;
  std::vector<uint8_t> ends;
};

}  // namespace

absl::StatusOr<Evaluation> Evaluate(const Model& model, const EvaluateOptions& options) {
  const uint32_t copies = std::min(options.episodes, kMaxCopies);
  DROVER_ASSIGN_OR_RETURN(
      const std::unique_ptr<VectorEnvironment> environments,
      MakeVectorEnvironment(options.environment, static_cast<int>(copies),
                            {options.seed, kEvaluationActor, 0}, options.environment_options));
  const EnvironmentSpec& spec = environments->spec();
  ModelPolicy policy(&model, nullptr, copies, spec.observation.elements(),
                     ModelPolicy::Mode::kGreedy, Random({options.seed}));
  Scores scores(options.episodes, copies);
  Scratch scratch(spec, copies);
  const ActionRow action = scratch.action();
  environments->Reset(scratch.observations.data());
  while (!scores.complete()) {
    if (options.stop && options.stop()) return absl::CancelledError("told to stop");
    policy.Act(scratch.observations.data(), action, nullptr);
    environments->Step({action.discrete, action.continuous}, scratch.observations.data(),
                       scratch.rewards.data(), scratch.ends.data());
    for (const FinishedEpisode& episode : environments->finished()) {
      policy.Forget(episode.environment);
      scores.Add(episode);
    }
  }
  return scores.Summary();
}

}  // namespace drover
