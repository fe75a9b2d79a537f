#include "coordinator/dashboard/view.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/thread_parts.h"
#include "common/topology.h"
#include "coordinator/bottleneck.h"
#include "coordinator/earlier.h"
#include "coordinator/events_json.h"
#include "coordinator/member_rates.h"

namespace drover {
namespace {

using nlohmann::json;

constexpr size_t kMostWaits = 50;

json Parts(const ThreadShares& thread) {
  json parts = json::array();
  for (const auto& [name, share] : thread.parts) parts.push_back({name, share});
  return parts;
}

// The learner's threads, and one for all actors: the mean of theirs.
json Threads(const Earlier& earlier, const StatusReply& now) {
  json threads = json::array();
  ThreadShares actors;
  int count = 0;
  for (const MemberStatus& member : now.members()) {
    if (!member.alive()) continue;
    const Role::Kind role = member.member().role();
    for (const ThreadShares& thread :
         SharesBetween(role, earlier.ReportOf(member), member.report())) {
      if (thread.sum() <= 0) continue;  // not in this topology
      if (role == Role::learner) {
        threads.push_back(
            {{"who", absl::StrCat("learner, ", thread.name)}, {"parts", Parts(thread)}});
        continue;
      }
      ++count;
      actors.parts.resize(thread.parts.size());
      for (size_t i = 0; i < thread.parts.size(); ++i) {
        actors.parts[i].first = thread.parts[i].first;
        actors.parts[i].second += thread.parts[i].second;
      }
    }
  }
  if (count == 0) return threads;
  for (auto& [name, share] : actors.parts) share /= count;
  threads.push_back(
      {{"who", absl::StrCat("actors (mean of ", count, ")")}, {"parts", Parts(actors)}});
  return threads;
}

// What is neither a time nor a count: losses, norms, entropy, ….
json Statistics(const StatusReply& now) {
  static const auto* const counts = new std::set<std::string>{
      "checkpoint_failures", "encodings", "priorities_lost", "replay_items", "return_std"};
  std::map<std::string, double> statistics;
  for (const auto& [name, value] : now.metrics()) {
    if (absl::EndsWith(name, "_seconds") || absl::EndsWith(name, "_per_second")) continue;
    if (absl::StartsWith(name, "gradients_") || counts->count(name) > 0) continue;
    statistics[name] = value;
  }
  return statistics;
}

json Lag(const StatusReply& before, const StatusReply& now) {
  const auto find = [](const StatusReply& status) {
    for (const MemberStatus& member : status.members()) {
      if (member.member().role() != Role::learner) continue;
      for (const Histogram& histogram : member.report().histograms()) {
        if (histogram.name() == "policy_lag_versions") return histogram;
      }
    }
    return Histogram();
  };
  const Histogram then = find(before);
  const Histogram newest = find(now);
  std::vector<uint64_t> counts(newest.counts().begin(), newest.counts().end());
  // A learner that was started anew counts from 0.
  const bool same = then.counts_size() == newest.counts_size() &&
                    std::equal(counts.begin(), counts.end(), then.counts().begin(),
                               [](uint64_t a, uint64_t b) { return a >= b; });
  for (int i = 0; same && i < then.counts_size(); ++i) counts[i] -= then.counts(i);
  return {{"bounds", std::vector<double>(newest.bounds().begin(), newest.bounds().end())},
          {"counts", counts}};
}

json Tables(const StatusReply& now) {
  json tables = json::array();
  for (const MemberStatus& member : now.members()) {
    for (const ReplayTableReport& table : member.report().replay().tables()) {
      tables.push_back({{"shard", member.member().index()},
                        {"name", table.name()},
                        {"size", table.size()},
                        {"capacity", table.capacity()},
                        {"inserts", table.inserts_per_second()},
                        {"samples", table.samples_per_second()},
                        {"insert_blocked", table.insert_blocked_seconds()},
                        {"sample_blocked", table.sample_blocked_seconds()}});
    }
  }
  return tables;
}

json Members(const Earlier& earlier, const StatusReply& now) {
  json members = json::array();
  for (const MemberStatus& member : now.members()) {
    const MemberRates rates = RatesOf(earlier, member);
    members.push_back({Role::Kind_Name(member.member().role()), member.member().index(),
                       member.member().host(), member.alive(), member.seconds_since_registration(),
                       member.seconds_since_renewal(), VersionOf(member), rates.rate,
                       static_cast<double>(member.report().usage().resident_bytes() >> 20),
                       rates.cores, member.member().pid()});
  }
  return members;
}

json Waits(const StatusReply& now) {
  std::vector<std::pair<double, json>> waits;
  for (const MemberStatus& member : now.members()) {
    if (!member.alive()) continue;
    for (const Wait& wait : member.report().waits()) {
      waits.emplace_back(wait.seconds(),
                         json{{"who", absl::StrCat(Role::Kind_Name(member.member().role()), " ",
                                                   member.member().index())},
                              {"on", wait.on()},
                              {"seconds", wait.seconds()}});
    }
  }
  std::sort(waits.begin(), waits.end(),
            [](const auto& a, const auto& b) { return a.first > b.first; });
  json longest = json::array();
  for (size_t i = 0; i < std::min(waits.size(), kMostWaits); ++i) {
    longest.push_back(std::move(waits[i].second));
  }
  return longest;
}

}  // namespace

std::string ViewJson(const StatusReply& before, const StatusReply& now) {
  const Earlier earlier(before);
  const Experiment& experiment = now.experiment();
  const LearnerReport& learner = now.learner();
  const Bottleneck bottleneck = FindBottleneck(before, now);
  json view;
  view["name"] = experiment.name();
  view["environment"] = experiment.environment();
  view["algorithm"] = experiment.algorithm();
  view["topology"] = Topology::Kind_Name(experiment.topology());
  view["run_dir"] = now.run_dir();
  view["state"] = RunState::Kind_Name(now.state());
  view["end_reason"] = now.end_reason() == EndReason::unspecified
                           ? json(nullptr)
                           : json(EndReason::Kind_Name(now.end_reason()));
  view["uptime"] = now.uptime_seconds();
  view["seconds"] = learner.seconds();
  view["frames"] = learner.frames();
  view["max_frames"] = experiment.budget().max_frames();
  view["updates"] = learner.updates();
  view["version"] = learner.version();
  view["episodes"] = learner.episodes();
  view["return"] = learner.episodes() > 0 ? json(learner.mean_return()) : json(nullptr);
  const auto deviation = now.metrics().find("return_std");
  view["return_std"] = deviation == now.metrics().end() ? json(nullptr) : json(deviation->second);
  view["target"] =
      experiment.target().has_return_() ? json(experiment.target().return_()) : json(nullptr);
  view["lag_mean"] = learner.lag_mean();
  view["lag_max"] = learner.lag_max();
  view["dropped"] = learner.dropped_unrolls();
  view["rejected"] = learner.rejected_unrolls();
  view["queued"] = learner.queued_unrolls();
  view["credits"] = learner.credits_out();
  view["queue_capacity"] =
      UsesReplay(experiment) || PushesGradients(experiment)
          ? 0
          : uint64_t{experiment.learner().max_policy_lag()} * experiment.learner().batch();
  view["actors"] = now.desired_actors() > 0 ? now.desired_actors() : experiment.actors().count();
  const RunRates rates = RatesOf(earlier, now);
  view["rates"] = {{"frames", now.frames_per_second()},
                   {"trained", rates.trained},
                   {"updates", now.updates_per_second()},
                   {"samples_per_insert",
                    rates.samples_per_insert < 0 ? json(nullptr) : json(rates.samples_per_insert)}};
  view["bottleneck"] = {{"name", BottleneckName(bottleneck.kind)},
                        {"why", bottleneck.why},
                        {"setting", bottleneck.setting}};
  view["lag"] = Lag(before, now);
  view["threads"] = Threads(earlier, now);
  view["statistics"] = Statistics(now);
  view["tables"] = Tables(now);
  view["members"] = Members(earlier, now);
  view["waits"] = Waits(now);
  view["events"] = EventsJson(now);
  return view.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace drover
