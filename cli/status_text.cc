#include "cli/status_text.h"

#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/human.h"
#include "cli/progress.h"
#include "common/topology.h"
#include "coordinator/bottleneck.h"
#include "coordinator/events_json.h"
#include "coordinator/replay_json.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

std::string MemberLine(const MemberStatus& status) {
  const Member& member = status.member();
  std::string state = "alive";
  if (!status.alive()) state = "gone";
  std::string line =
      absl::StrFormat("  %-12s %-6s process %-8d heard of %s s ago",
                      absl::StrCat(Role::Kind_Name(member.role()), " ", member.index()), state,
                      member.pid(), FormatNumber(status.seconds_since_renewal()));
  if (!member.host().empty()) absl::StrAppend(&line, "   on ", member.host());
  for (const Wait& wait : status.report().waits()) {
    absl::StrAppend(&line, "   waits for ", wait.on(), " since ", FormatNumber(wait.seconds()),
                    " s");
  }
  return line;
}

// What a table holds, and how long its rate limiter has held each side back.
std::string TableLine(const ReplayTableReport& table) {
  return absl::StrCat("    table ", table.name(), "   ", FormatCount(table.size()), " of ",
                      FormatCount(table.capacity()), " items   ",
                      FormatNumber(table.inserts_per_second()), " inserts/s, held back ",
                      FormatNumber(table.insert_blocked_seconds()), " s   ",
                      FormatNumber(table.samples_per_second()), " samples/s, held back ",
                      FormatNumber(table.sample_blocked_seconds()), " s\n");
}

void Alarm(const std::string& who, const std::string& error, std::string* text) {
  if (error.empty()) return;
  absl::StrAppend(text, "ALARM: no checkpoint", who, " can be written: ", error, "\n");
}

// Peers without the right certificate and token (common/rpc/refusals.h).
void Refused(const std::string& who, const google::protobuf::Map<std::string, double>& metrics,
             const std::string& name, std::string* text) {
  const auto found = metrics.find(name);
  if (found == metrics.end() || found->second == 0) return;
  absl::StrAppend(text, "ALARM: ", who, " refused peers ", FormatNumber(found->second),
                  " times; its log says why\n");
}

// A full queue is a learner that cannot keep up.
std::string QueueLine(const StatusReply& status) {
  const Learner& learner = status.experiment().learner();
  return absl::StrCat("  queue    ", status.learner().queued_unrolls(), " of ",
                      uint64_t{learner.max_policy_lag()} * learner.batch(), " unrolls, ",
                      status.learner().credits_out(), " under way");
}

ordered_json Metrics(const google::protobuf::Map<std::string, double>& metrics) {
  return std::map<std::string, double>(metrics.begin(), metrics.end());
}

ordered_json MemberJson(const MemberStatus& status) {
  ordered_json json;
  json["role"] = Role::Kind_Name(status.member().role());
  json["index"] = status.member().index();
  json["host"] = status.member().host();
  json["pid"] = status.member().pid();
  json["epoch"] = status.member().epoch();
  json["alive"] = status.alive();
  json["seconds_since_renewal"] = status.seconds_since_renewal();
  json["waits"] = ordered_json::array();
  for (const Wait& wait : status.report().waits()) {
    json["waits"].push_back({{"on", wait.on()}, {"seconds", wait.seconds()}});
  }
  if (status.report().has_replay()) json["replay"] = ReplayJson(status.report().replay());
  json["metrics"] = Metrics(status.report().metrics());
  return json;
}

}  // namespace

std::string StatusText(const StatusReply& status) {
  std::string text = absl::StrCat(absl::StrJoin(ProgressBlock(status), "\n"), "\n");
  const Bottleneck bottleneck = FindBottleneck(StatusReply(), status);
  if (bottleneck.kind != Bottleneck::Kind::kUnknown) {
    absl::StrAppend(&text, "  slowest  ", BottleneckName(bottleneck.kind), ": ", bottleneck.why,
                    "\n           what moves it: ", bottleneck.setting, "\n");
  }
  const Experiment& experiment = status.experiment();
  const bool queue = !UsesReplay(experiment) && !PushesGradients(experiment);
  if (queue) absl::StrAppend(&text, QueueLine(status), "\n");
  Alarm("", status.learner().checkpoint_error(), &text);
  for (const MemberStatus& member : status.members()) {
    const std::string who = absl::StrCat(" of replay ", member.member().index());
    Alarm(who, member.report().replay().checkpoint_error(), &text);
  }
  Refused("the coordinator", status.metrics(), "coordinator_refused_peers", &text);
  for (const MemberStatus& member : status.members()) {
    Refused(absl::StrCat(Role::Kind_Name(member.member().role()), " ", member.member().index()),
            member.report().metrics(), "refused_peers", &text);
  }
  for (const MemberStatus& member : status.members()) {
    absl::StrAppend(&text, MemberLine(member), "\n");
    for (const ReplayTableReport& table : member.report().replay().tables()) {
      absl::StrAppend(&text, TableLine(table));
    }
  }
  if (!status.dashboard().empty()) {
    absl::StrAppend(&text, "dashboard: ", status.dashboard(), "\n");
  }
  return text;
}

std::string StatusJson(const StatusReply& status) {
  const LearnerReport& learner = status.learner();
  ordered_json json;
  json["run_id"] = status.run_id();
  json["run_dir"] = status.run_dir();
  json["state"] = RunState::Kind_Name(status.state());
  json["end_reason"] = nullptr;
  if (status.end_reason() != EndReason::unspecified) {
    json["end_reason"] = EndReason::Kind_Name(status.end_reason());
  }
  json["uptime_seconds"] = status.uptime_seconds();
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
  json["credits_out"] = learner.credits_out();
  json["desired_actors"] = status.desired_actors();
  json["frames_per_second"] = status.frames_per_second();
  json["updates_per_second"] = status.updates_per_second();
  json["checkpoint_error"] = nullptr;
  if (!learner.checkpoint_error().empty()) json["checkpoint_error"] = learner.checkpoint_error();
  json["dashboard"] = nullptr;
  if (!status.dashboard().empty()) json["dashboard"] = status.dashboard();
  const Bottleneck bottleneck = FindBottleneck(StatusReply(), status);
  json["bottleneck"] = {{"name", BottleneckName(bottleneck.kind)},
                        {"why", bottleneck.why},
                        {"setting", bottleneck.setting}};
  json["metrics"] = Metrics(status.metrics());
  json["members"] = ordered_json::array();
  for (const MemberStatus& member : status.members()) json["members"].push_back(MemberJson(member));
  json["events"] = EventsJson(status);
  return json.dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace drover
