#include "bench/throughput.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/thread_parts.h"
#include "common/status_macros.h"
#include "common/topology.h"

namespace drover {
namespace {

double Growth(const MemberStatus& begin, const MemberStatus& end, const std::string& name) {
  return MetricOf(end.report(), name) - MetricOf(begin.report(), name);
}

std::vector<ThreadShares> ThreadsOf(const MemberStatus& begin, const MemberStatus& end) {
  const Member& member = end.member();
  std::vector<ThreadShares> threads = SharesBetween(member.role(), begin.report(), end.report());
  for (ThreadShares& thread : threads) {
    thread.name =
        absl::StrCat(Role::Kind_Name(member.role()), " ", member.index(), " ", thread.name);
  }
  return threads;
}

// Frames of one actor; 0 of another member.
double ActedPerSecond(const MemberStatus& begin, const MemberStatus& end) {
  const double wall = Growth(begin, end, "clock_seconds");
  if (end.member().role() != Role::actor || wall <= 0) return 0;
  return static_cast<double>(end.report().actor().steps() - begin.report().actor().steps()) / wall;
}

// Live members of both moments, in pairs.
absl::StatusOr<std::vector<std::pair<const MemberStatus*, const MemberStatus*>>> Pair(
    const StatusReply& begin, const StatusReply& end) {
  std::vector<std::pair<const MemberStatus*, const MemberStatus*>> pairs;
  for (const MemberStatus& now : end.members()) {
    const auto before = std::find_if(
        begin.members().begin(), begin.members().end(),
        [&](const MemberStatus& m) { return m.member().member_id() == now.member().member_id(); });
    if (before == begin.members().end() || before->member().epoch() != now.member().epoch()) {
      return absl::FailedPreconditionError(absl::StrCat(Role::Kind_Name(now.member().role()), " ",
                                                        now.member().index(),
                                                        " was started anew meanwhile"));
    }
    pairs.emplace_back(&*before, &now);
  }
  return pairs;
}

absl::Status AddLearner(const StatusReply& begin, const StatusReply& end, Throughput* result) {
  const LearnerReport& before = begin.learner();
  const LearnerReport& after = end.learner();
  const double seconds = after.seconds() - before.seconds();
  const auto trained = static_cast<double>(after.trained_frames() - before.trained_frames());
  if (seconds <= 0 || trained <= 0) return absl::FailedPreconditionError("nothing was trained");
  result->seconds = seconds;
  result->frames_per_second = trained / seconds;
  result->received_frames_per_second =
      static_cast<double>(after.frames() - before.frames()) / seconds;
  result->versions_per_second = static_cast<double>(after.version() - before.version()) / seconds;
  result->lag_mean = (after.lag_mean() * static_cast<double>(after.trained_frames()) -
                      before.lag_mean() * static_cast<double>(before.trained_frames())) /
                     trained;
  result->lag_max = after.lag_max();
  result->dropped_unrolls = after.dropped_unrolls() - before.dropped_unrolls();
  result->batch_unrolls = end.experiment().learner().batch();
  const uint64_t steps = UsesReplay(end.experiment()) ? end.experiment().replay().tables(0).steps()
                                                      : end.experiment().actors().unroll();
  result->batch_steps = result->batch_unrolls * steps;
  return absl::OkStatus();
}

absl::Status AddProcesses(const RunSample& begin, const RunSample& end, Throughput* result) {
  const double wall = end.seconds - begin.seconds;
  double cores = 0;
  for (size_t i = 0; i < end.processes.size(); ++i) {
    const RunSample::Process& now = end.processes[i];
    if (i >= begin.processes.size() || begin.processes[i].pid != now.pid) {
      return absl::FailedPreconditionError(absl::StrCat(now.name, " is another process now"));
    }
    const double used = now.usage.cpu_seconds - begin.processes[i].usage.cpu_seconds;
    result->processes.push_back({now.name, used / wall, now.usage});
    cores += used / wall;
  }
  if (cores > 0) result->frames_per_cpu_second = result->frames_per_second / cores;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Throughput> MeasureBetween(const RunSample& begin, const RunSample& end) {
  Throughput result;
  result.cores = static_cast<int>(std::thread::hardware_concurrency());
  DROVER_RETURN_IF_ERROR(AddLearner(begin.status, end.status, &result));
  DROVER_RETURN_IF_ERROR(AddProcesses(begin, end, &result));
  DROVER_ASSIGN_OR_RETURN(const auto members, Pair(begin.status, end.status));
  for (const auto& [before, after] : members) {
    if (after->member().role() == Role::learner) {
      const double wall = Growth(*before, *after, "clock_seconds");
      if (wall > 0) result.receive_cores = Growth(*before, *after, "receive_seconds") / wall;
    }
    result.acted_frames_per_second += ActedPerSecond(*before, *after);
    for (ThreadShares& thread : ThreadsOf(*before, *after))
      result.threads.push_back(std::move(thread));
  }
  return result;
}

}  // namespace drover
