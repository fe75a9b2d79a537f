#include "coordinator/bottleneck.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "client/thread_parts.h"
#include "common/topology.h"
#include "coordinator/earlier.h"

namespace drover {
namespace {

using Kind = Bottleneck::Kind;

constexpr double kMost = 0.5;     // of the time
constexpr double kNearAll = 0.8;  // likewise

// What the actors' threads did.
struct ActorThreads {
  int count = 0;
  double environment = 0;  // shares, means over actors
  double inference = 0;
  double gradient = 0;
  double encode = 0;
  double busiest = 0;  // the actor that waits least
};

// What the learner's thread did.
struct LearnerThread {
  double busy = 0;
  std::string part;  // that takes most
  double part_share = 0;
};

// In which the tables' rate limiters held a side back, of the most blocked one.
struct Limiter {
  double inserts = 0;
  double samples = 0;
  std::string table;
};

std::string Percent(double share) { return absl::StrFormat("%.0f %%", 100 * share); }

ActorThreads ActorsOf(const Earlier& earlier, const StatusReply& now) {
  ActorThreads actors;
  for (const MemberStatus& member : now.members()) {
    if (!member.alive() || member.member().role() != Role::actor) continue;
    for (const ThreadShares& act :
         SharesBetween(Role::actor, earlier.ReportOf(member), member.report())) {
      ++actors.count;
      actors.environment += act.share("environment");
      actors.inference += act.share("inference");
      actors.gradient += act.share("gradient");
      actors.encode += act.share("encode");
      actors.busiest = std::max(actors.busiest, 1 - act.share("wait"));
    }
  }
  const double count = std::max(1, actors.count);
  for (double* share : {&actors.environment, &actors.inference, &actors.gradient, &actors.encode}) {
    *share /= count;
  }
  return actors;
}

std::optional<LearnerThread> LearnerOf(const Earlier& earlier, const StatusReply& now) {
  for (const MemberStatus& member : now.members()) {
    if (!member.alive() || member.member().role() != Role::learner) continue;
    for (const ThreadShares& thread :
         SharesBetween(Role::learner, earlier.ReportOf(member), member.report())) {
      if (thread.name != "train") continue;
      LearnerThread learner;
      learner.busy = 1 - thread.share("wait");
      for (const auto& [part, share] : thread.parts) {
        if (part == "wait" || share <= learner.part_share) continue;
        learner.part = part;
        learner.part_share = share;
      }
      return learner;
    }
  }
  return std::nullopt;
}

double Share(double seconds, double wall) {
  return wall > 0 ? std::clamp(seconds / wall, 0.0, 1.0) : 0;
}

Limiter LimiterOf(const Earlier& earlier, const StatusReply& now) {
  Limiter limiter;
  for (const MemberStatus& member : now.members()) {
    if (!member.alive() || member.member().role() != Role::replay) continue;
    const MemberStatus* const before = earlier.Of(member);
    const double wall = before == nullptr
                            ? std::min(member.seconds_since_registration(), now.learner().seconds())
                            : now.uptime_seconds() - earlier.status().uptime_seconds();
    for (const ReplayTableReport& table : member.report().replay().tables()) {
      ReplayTableReport then;
      for (const ReplayTableReport& other : earlier.ReportOf(member).replay().tables()) {
        if (other.name() == table.name()) then = other;
      }
      const double inserts =
          Share(table.insert_blocked_seconds() - then.insert_blocked_seconds(), wall);
      const double samples =
          Share(table.sample_blocked_seconds() - then.sample_blocked_seconds(), wall);
      if (std::max(inserts, samples) > std::max(limiter.inserts, limiter.samples)) {
        limiter = {inserts, samples, table.name()};
      }
    }
  }
  return limiter;
}

Bottleneck OfLearner(const LearnerThread& learner) {
  std::string setting =
      "device: \"cuda\", smaller model.layers, fewer update.epochs, larger learner.batch";
  if (learner.part == "publish") setting = "larger learner.batch: fewer versions to publish";
  if (learner.part == "save") setting = "checkpoint.every_seconds";
  return {
      Kind::kLearner,
      absl::StrCat("the learner is busy ", Percent(learner.busy), " of its time, most of it with ",
                   learner.part, " (", Percent(learner.part_share), ")"),
      std::move(setting)};
}

Bottleneck OfActors(const ActorThreads& actors) {
  const std::vector<std::pair<double, Bottleneck>> parts = {
      {actors.environment,
       {Kind::kEnvironment,
        absl::StrCat("actors step environments ", Percent(actors.environment), " of their time"),
        "more actors: actors.count, or `drover scale` while it runs"}},
      {actors.inference,
       {Kind::kInference,
        absl::StrCat("actors choose actions ", Percent(actors.inference), " of their time"),
        "larger actors.environments, smaller model.layers, or more actors (`drover scale`)"}},
      {actors.gradient,
       {Kind::kGradients,
        absl::StrCat("actors compute gradients ", Percent(actors.gradient), " of their time"),
        "more actors: actors.count, or `drover scale` while it runs"}},
      {actors.encode,
       {Kind::kNetwork,
        absl::StrCat("actors send experience ", Percent(actors.encode), " of their time"),
        "longer actors.unroll, larger actors.environments: fewer messages; hosts nearer to each "
        "other"}},
  };
  return std::max_element(parts.begin(), parts.end(),
                          [](const auto& a, const auto& b) { return a.first < b.first; })
      ->second;
}

Bottleneck OfReplay(const ActorThreads& actors, const LearnerThread& learner,
                    const Limiter& limiter) {
  // It waits for them most of the time that it waits.
  const bool held = limiter.samples > 0 && limiter.samples >= kMost * (1 - learner.busy);
  if (learner.busy >= kMost && limiter.samples < kMost) return OfLearner(learner);
  if (held && actors.environment >= kNearAll) return OfActors(actors);
  if (held || limiter.inserts >= kMost) {
    const bool samples = held;
    return {Kind::kLimiter,
            absl::StrCat("the rate limiter of table ", limiter.table, " holds ",
                         samples ? "samples" : "inserts", " back ",
                         Percent(samples ? limiter.samples : limiter.inserts), " of the time"),
            samples ? "higher replay.tables.rate_limit.samples_per_insert (`drover limit` while "
                      "it runs), or more actors"
                    : "lower replay.tables.rate_limit.samples_per_insert (`drover limit` while "
                      "it runs)"};
  }
  return {Kind::kNetwork,
          absl::StrCat("the learner waits ", Percent(1 - learner.busy),
                       " of its time for samples that no limiter holds back"),
          "more replay.shards, larger learner.batch, hosts nearer to each other"};
}

}  // namespace

std::string BottleneckName(Bottleneck::Kind kind) {
  switch (kind) {
    case Kind::kUnknown:
      return "–";
    case Kind::kEnvironment:
      return "environment";
    case Kind::kInference:
      return "inference";
    case Kind::kGradients:
      return "gradients";
    case Kind::kNetwork:
      return "network";
    case Kind::kLearner:
      return "learner";
    case Kind::kLimiter:
      return "replay's limiter";
  }
  return "–";
}

Bottleneck FindBottleneck(const StatusReply& before, const StatusReply& now) {
  const Earlier earlier(before);
  const ActorThreads actors = ActorsOf(earlier, now);
  const std::optional<LearnerThread> learner = LearnerOf(earlier, now);
  if (now.state() != RunState::running || !learner || actors.count == 0) return {};
  if (UsesReplay(now.experiment())) return OfReplay(actors, *learner, LimiterOf(earlier, now));
  if (learner->busy < kMost && actors.busiest < kMost) {
    return {Kind::kNetwork,
            absl::StrCat("the learner waits ", Percent(1 - learner->busy),
                         " of its time and every actor at least ", Percent(1 - actors.busiest),
                         ": experience or weights are on their way"),
            "larger actors.environments or longer actors.unroll, higher learner.max_policy_lag, "
            "hosts nearer to each other"};
  }
  return learner->busy >= actors.busiest ? OfLearner(*learner) : OfActors(actors);
}

}  // namespace drover
