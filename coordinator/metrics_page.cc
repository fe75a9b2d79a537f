#include "coordinator/metrics_page.h"

#include "absl/strings/str_cat.h"
#include "client/own_usage.h"
#include "client/report_prometheus.h"
#include "common/prometheus.h"

namespace drover {
namespace {

using Labels = PrometheusText::Labels;

void AddRun(const StatusReply& status, PrometheusText* text) {
  const Experiment& experiment = status.experiment();
  text->Gauge("drover_run_info", "1: which run this is.",
              {{"run_id", status.run_id()},
               {"config", experiment.name()},
               {"algorithm", experiment.algorithm()},
               {"environment", experiment.environment()},
               {"topology", Topology::Kind_Name(experiment.topology())}},
              1);
  for (const RunState::Kind state :
       {RunState::waiting, RunState::running, RunState::draining, RunState::ended}) {
    text->Gauge("drover_run_state", "1 for the state that the run is in.",
                {{"state", RunState::Kind_Name(state)}}, status.state() == state ? 1 : 0);
  }
  text->Gauge("drover_run_max_frames", "Environment steps that the run may take.", {},
              static_cast<double>(experiment.budget().max_frames()));
  text->Gauge("drover_run_batch_unrolls", "Unrolls of a train step.", {},
              experiment.learner().batch());
  text->Gauge("drover_run_max_policy_lag", "Policy lag that is allowed, in versions.", {},
              experiment.learner().max_policy_lag());
  if (experiment.target().has_return_()) {
    text->Gauge("drover_run_target_return", "Mean return that ends the run.", {},
                experiment.target().return_());
  }
  text->Gauge("drover_run_desired_actors", "How many actors there should be.", {},
              status.desired_actors() > 0 ? status.desired_actors() : experiment.actors().count());
}

void AddCoordinator(const StatusReply& status, const std::map<Event::Kind, uint64_t>& events,
                    PrometheusText* text) {
  text->Gauge("drover_coordinator_uptime_seconds", "Time since the coordinator started.", {},
              status.uptime_seconds());
  for (int kind = Event::Kind_MIN; kind <= Event::Kind_MAX; ++kind) {
    if (kind == Event::unspecified || !Event::Kind_IsValid(kind)) continue;
    const auto found = events.find(static_cast<Event::Kind>(kind));
    text->Counter("drover_coordinator_events_total", "Events of a kind: joined, lost, refused, ….",
                  {{"kind", Event::Kind_Name(static_cast<Event::Kind>(kind))}},
                  found == events.end() ? 0 : static_cast<double>(found->second));
  }
}

}  // namespace

std::string MetricsPage(const StatusReply& status, const std::map<Event::Kind, uint64_t>& events) {
  PrometheusText text;
  AddRun(status, &text);
  AddCoordinator(status, events, &text);
  std::map<Role::Kind, int> live;
  for (const Role::Kind role : {Role::learner, Role::actor, Role::evaluator, Role::replay}) {
    live[role] = 0;
  }
  for (const MemberStatus& member : status.members()) {
    if (!member.alive()) continue;
    ++live[member.member().role()];
    AddReport({{"role", Role::Kind_Name(member.member().role())},
               {"index", absl::StrCat(member.member().index())},
               {"host", member.member().host()}},
              member.member().role(), member.report(), &text);
  }
  for (const auto& [role, count] : live) {
    text.Gauge("drover_run_members", "Processes that live, by role.",
               {{"role", Role::Kind_Name(role)}}, count);
  }
  Report own;
  *own.mutable_usage() = OwnUsage();
  AddReport({{"role", "coordinator"}, {"index", "0"}, {"host", ""}}, Role::coordinator, own, &text);
  return text.text();
}

}  // namespace drover
