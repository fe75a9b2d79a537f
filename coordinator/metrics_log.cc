#include "coordinator/metrics_log.h"

#include <nlohmann/json.hpp>

#include "common/status_macros.h"
#include "coordinator/replay_json.h"

namespace drover {
namespace {

std::string Dump(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace

std::string MetricsLine(const StatusReply& status, double unix_seconds) {
  const LearnerReport& learner = status.learner();
  nlohmann::ordered_json json;
  json["time"] = unix_seconds;
  json["state"] = RunState::Kind_Name(status.state());
  json["seconds"] = learner.seconds();
  json["frames"] = learner.frames();
  json["trained_frames"] = learner.trained_frames();
  json["updates"] = learner.updates();
  json["version"] = learner.version();
  json["episodes"] = learner.episodes();
  json["mean_return"] = nullptr;
  if (learner.episodes() > 0) json["mean_return"] = learner.mean_return();
  json["lag_mean"] = learner.lag_mean();
  json["lag_max"] = learner.lag_max();
  json["dropped_unrolls"] = learner.dropped_unrolls();
  json["rejected_unrolls"] = learner.rejected_unrolls();
  json["refused_streams"] = learner.refused_streams();
  json["queued_unrolls"] = learner.queued_unrolls();
  json["frames_per_second"] = status.frames_per_second();
  json["updates_per_second"] = status.updates_per_second();
  json["checkpoint_error"] = nullptr;
  if (!learner.checkpoint_error().empty()) json["checkpoint_error"] = learner.checkpoint_error();
  json["members"] = nlohmann::ordered_json::object();
  for (const MemberStatus& member : status.members()) {
    if (!member.alive()) continue;
    nlohmann::ordered_json& count = json["members"][Role::Kind_Name(member.member().role())];
    count = count.is_null() ? 1 : count.get<int>() + 1;
  }
  for (const MemberStatus& member : status.members()) {
    if (member.report().has_replay())
      json["replay"].push_back(ReplayJson(member.report().replay()));
  }
  json["metrics"] = std::map<std::string, double>(status.metrics().begin(), status.metrics().end());
  return Dump(json);
}

std::string EvaluationLine(const EvaluationPoint& point, double unix_seconds) {
  nlohmann::ordered_json json;
  json["time"] = unix_seconds;
  json["evaluation"] = {{"version", point.version()},
                        {"frames", point.frames()},
                        {"episodes", point.evaluation().episodes()},
                        {"mean", point.evaluation().mean()},
                        {"std", point.evaluation().std()}};
  return Dump(json);
}

absl::StatusOr<MetricsLog> MetricsLog::Open(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(AppendFile file, AppendFile::Open(path));
  return MetricsLog(std::move(file));
}

}  // namespace drover
