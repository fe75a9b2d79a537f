#include "client/report_prometheus.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/thread_parts.h"

namespace drover {
namespace {

using Labels = PrometheusText::Labels;

Labels With(Labels labels, const std::string& name, const std::string& value) {
  labels.emplace_back(name, value);
  return labels;
}

void AddLearner(const Labels& labels, const LearnerReport& report, PrometheusText* text) {
  const auto total = [&](const char* name, const char* help, uint64_t value) {
    text->Counter(absl::StrCat("drover_learner_", name, "_total"), help, labels,
                  static_cast<double>(value));
  };
  const auto now = [&](const char* name, const char* help, double value) {
    text->Gauge(absl::StrCat("drover_learner_", name), help, labels, value);
  };
  total("frames", "Environment steps received, dropped ones included.", report.frames());
  total("trained_frames", "Environment steps that went into a gradient, once each.",
        report.trained_frames());
  total("updates", "Train steps made.", report.updates());
  total("episodes", "Training episodes that arrived.", report.episodes());
  total("dropped_unrolls", "Unrolls older than max_policy_lag.", report.dropped_unrolls());
  total("rejected_unrolls", "Unrolls with NaN or infinite values.", report.rejected_unrolls());
  total("refused_streams", "Streams closed for what the peer sent.", report.refused_streams());
  now("weights_version", "Newest published version.", static_cast<double>(report.version()));
  now("queued_unrolls", "Unrolls received and not yet taken for a batch.",
      static_cast<double>(report.queued_unrolls()));
  now("outstanding_credits", "Unrolls that actors may still send.",
      static_cast<double>(report.credits_out()));
  now("training_seconds", "Time since the first environment step.", report.seconds());
  now("checkpoint_failing", "1: the newest checkpoint could not be written.",
      report.checkpoint_error().empty() ? 0 : 1);
  if (report.episodes() > 0) {
    now("return_mean", "Mean return of the last 100 training episodes.", report.mean_return());
  }
}

void AddActor(const Labels& labels, const ActorReport& report, PrometheusText* text) {
  text->Counter("drover_actor_steps_total", "Environment steps made.", labels,
                static_cast<double>(report.steps()));
  text->Counter("drover_actor_episodes_total", "Episodes that ended.", labels,
                static_cast<double>(report.episodes()));
  text->Gauge("drover_actor_weights_version", "Version of the weights that act now.", labels,
              static_cast<double>(report.version()));
}

void AddTable(const Labels& labels, const ReplayTableReport& table, PrometheusText* text) {
  const auto add = [&](bool counter, const char* name, const char* help, double value) {
    const std::string full = absl::StrCat("drover_replay_", name);
    if (counter) return text->Counter(full, help, labels, value);
    text->Gauge(full, help, labels, value);
  };
  add(false, "items", "Items in the table.", static_cast<double>(table.size()));
  add(false, "capacity_items", "Items it holds at most.", static_cast<double>(table.capacity()));
  add(true, "inserts_total", "Items inserted.", static_cast<double>(table.inserts()));
  add(true, "samples_total", "Items drawn.", static_cast<double>(table.samples()));
  add(true, "insert_blocked_seconds_total", "Time in which the rate limiter held inserts back.",
      table.insert_blocked_seconds());
  add(true, "sample_blocked_seconds_total", "Time in which the rate limiter held samples back.",
      table.sample_blocked_seconds());
  add(true, "stale_keys_total", "Keys of items that are gone.",
      static_cast<double>(table.stale_keys()));
}

void AddReplay(const Labels& labels, const ReplayReport& report, PrometheusText* text) {
  for (const ReplayTableReport& table : report.tables()) {
    AddTable(With(labels, "table", table.name()), table, text);
  }
  const auto total = [&](const char* name, const char* help, uint64_t value) {
    text->Counter(absl::StrCat("drover_replay_", name, "_total"), help, labels,
                  static_cast<double>(value));
  };
  total("frames", "Environment steps received.", report.frames());
  total("rejected_messages", "Messages with NaN or infinite values.", report.rejected_messages());
  total("refused_streams", "Streams closed for what the peer sent.", report.refused_streams());
  total("refused_calls", "Unary calls refused.", report.refused_calls());
  total("late_messages", "Messages past the share of max_frames.", report.late_messages());
  text->Gauge("drover_replay_step_bytes", "Memory of the steps that it holds.", labels,
              static_cast<double>(report.chunk_bytes()));
  text->Gauge("drover_replay_checkpoint_failing", "1: the newest snapshot could not be written.",
              labels, report.checkpoint_error().empty() ? 0 : 1);
}

void AddHistograms(const Labels& labels, Role::Kind role, const Report& report,
                   PrometheusText* text) {
  static const auto* const help = new std::map<std::string, std::string>{
      {"policy_lag_versions", "Versions between the policy that acted and the one trained."},
      {"train_step_seconds", "Time of a train step."},
      {"batch_wait_seconds", "Time that the learner waited for a batch."},
      {"unroll_seconds", "Time from an unroll's first step until it was sent."},
      {"insert_seconds", "Time from a message's arrival until it was stored."},
      {"sample_seconds", "Time until a batch that was asked for was drawn."},
  };
  for (const Histogram& histogram : report.histograms()) {
    const auto found = help->find(histogram.name());
    if (found == help->end()) continue;
    text->Histogram(absl::StrCat("drover_", Role::Kind_Name(role), "_", histogram.name()),
                    found->second, labels, {histogram.bounds().begin(), histogram.bounds().end()},
                    {histogram.counts().begin(), histogram.counts().end()}, histogram.sum());
  }
}

// Threads' times by name; the rest as what it is: named numbers.
void AddMetrics(const Labels& labels, Role::Kind role, const Report& report, PrometheusText* text) {
  std::set<std::string> known{"clock_seconds"};
  for (const ThreadParts& thread : AllThreads()) {
    if (thread.role != role) continue;
    for (const auto& [part, metric] : thread.parts) {
      known.insert(metric);
      if (!report.metrics().contains(metric)) continue;
      text->Counter("drover_thread_seconds_total", "Time of a thread, by what it did.",
                    With(With(labels, "thread", thread.name), "part", part),
                    report.metrics().at(metric));
    }
  }
  for (const auto& [name, value] :
       std::map<std::string, double>(report.metrics().begin(), report.metrics().end())) {
    if (known.count(name) > 0 || absl::EndsWith(name, "_per_second")) continue;
    text->Gauge("drover_statistic", "Losses and other figures that a process reports by name.",
                With(labels, "name", name), value);
  }
}

}  // namespace

void AddReport(const Labels& labels, Role::Kind role, const Report& report, PrometheusText* text) {
  if (report.has_learner()) AddLearner(labels, report.learner(), text);
  if (report.has_actor()) AddActor(labels, report.actor(), text);
  if (report.has_replay()) AddReplay(labels, report.replay(), text);
  AddHistograms(labels, role, report, text);
  AddMetrics(labels, role, report, text);
  for (const Wait& wait : report.waits()) {
    text->Gauge("drover_wait_seconds", "How long a process has waited for something.",
                With(labels, "on", wait.on()), wait.seconds());
  }
  if (!report.has_usage()) return;
  text->Gauge("drover_process_resident_bytes", "Memory that is resident.", labels,
              static_cast<double>(report.usage().resident_bytes()));
  text->Counter("drover_process_cpu_seconds_total", "User and system time.", labels,
                report.usage().cpu_seconds());
}

}  // namespace drover
