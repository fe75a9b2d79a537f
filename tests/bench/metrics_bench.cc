// What watching costs: one observation, and what is made of them each second.

#include <benchmark/benchmark.h>

#include <string>

#include "client/own_usage.h"
#include "client/report_histogram.h"
#include "common/metrics.h"
#include "common/tally.h"
#include "coordinator/dashboard/view.h"
#include "coordinator/metrics_page.h"

namespace drover {
namespace {

void Observe(benchmark::State& state) {
  static Tally tally(SecondsBounds());
  double value = 0.0001;
  for (auto unused : state) {
    tally.Observe(value);
    value = value < 10 ? value * 1.1 : 0.0001;
  }
}
BENCHMARK(Observe)->Threads(1)->Threads(2);

void ObserveMean(benchmark::State& state) {
  Metrics metrics;
  const std::string name = "policy_loss";
  for (auto unused : state) metrics.Observe(name, 0.5);
}
BENCHMARK(ObserveMean);

void Usage(benchmark::State& state) {
  for (auto unused : state) benchmark::DoNotOptimize(OwnUsage());
}
BENCHMARK(Usage);

// A run with so many actors, as its coordinator knows it.
StatusReply RunOf(int64_t actors) {
  StatusReply status;
  status.set_state(RunState::running);
  Tally tally(SecondsBounds());
  for (int64_t i = 0; i < actors; ++i) {
    MemberStatus* member = status.add_members();
    member->set_alive(true);
    member->set_seconds_since_registration(10);
    member->mutable_member()->set_member_id(static_cast<uint64_t>(i));
    member->mutable_member()->set_role(Role::actor);
    member->mutable_member()->set_index(static_cast<uint32_t>(i));
    member->mutable_member()->set_host("node" + std::to_string(i / 64));
    Report* report = member->mutable_report();
    report->mutable_actor()->set_steps(1000);
    *report->mutable_usage() = OwnUsage();
    for (const char* name : {"clock_seconds", "environment_seconds", "inference_seconds",
                             "encode_seconds", "wait_seconds", "sent_messages"}) {
      (*report->mutable_metrics())[name] = 1.5;
    }
    AddHistogram("unroll_seconds", tally, report);
  }
  return status;
}

// Once a second while someone looks, however many do.
void View(benchmark::State& state) {
  const StatusReply status = RunOf(state.range(0));
  size_t bytes = 0;
  for (auto unused : state) bytes = ViewJson(status, status).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(View)->Arg(16)->Arg(1000)->Unit(benchmark::kMillisecond);

// Once a scrape.
void Page(benchmark::State& state) {
  const StatusReply status = RunOf(state.range(0));
  size_t bytes = 0;
  for (auto unused : state) bytes = MetricsPage(status, {}).size();
  state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(Page)->Arg(16)->Arg(1000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace drover
