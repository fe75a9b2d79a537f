#include "coordinator/summary.h"

#include <nlohmann/json.hpp>

namespace drover {

std::string SummaryJson(const Outcome& outcome) {
  const Experiment& experiment = outcome.experiment;
  const LearnerReport& learner = outcome.learner;
  // Non-finite numbers become null, as JSON has none.
  nlohmann::ordered_json json;
  json["name"] = experiment.name();
  json["algorithm"] = experiment.algorithm();
  json["topology"] = Topology::Kind_Name(experiment.topology());
  json["environment"] = experiment.environment();
  json["seed"] = experiment.seed();
  json["end_reason"] = EndReason::Kind_Name(outcome.end_reason);
  json["frames"] = learner.frames();
  json["trained_frames"] = learner.trained_frames();
  json["updates"] = learner.updates();
  json["version"] = learner.version();
  json["seconds"] = learner.seconds();
  json["frames_per_second"] = nullptr;
  if (learner.seconds() > 0) {
    json["frames_per_second"] = static_cast<double>(learner.frames()) / learner.seconds();
  }
  json["episodes"] = learner.episodes();
  json["mean_return"] = nullptr;
  if (learner.episodes() > 0) json["mean_return"] = learner.mean_return();
  json["eval"] = nullptr;
  if (learner.has_evaluation()) {
    const Evaluation& evaluation = learner.evaluation();
    json["eval"] = {{"episodes", evaluation.episodes()},
                    {"mean", evaluation.mean()},
                    {"std", evaluation.std()}};
  }
  json["policy_lag"] = {{"mean", learner.lag_mean()}, {"max", learner.lag_max()}};
  json["reached_target"] = outcome.target.has_value();
  json["frames_to_target"] = nullptr;
  json["seconds_to_target"] = nullptr;
  if (outcome.target.has_value()) {
    json["frames_to_target"] = outcome.target->frames();
    json["seconds_to_target"] = outcome.target->seconds();
  }
  json["dropped_unrolls"] = learner.dropped_unrolls();
  json["rejected_unrolls"] = learner.rejected_unrolls();
  json["refused_streams"] = learner.refused_streams();
  json["checkpoint"] = nullptr;
  if (!learner.checkpoint().empty()) json["checkpoint"] = learner.checkpoint();
  return json.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

}  // namespace drover
