#include "bench/run_sample.h"

#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/status_macros.h"

namespace drover {

absl::StatusOr<RunSample> TakeSample(const StatusReply& status) {
  RunSample sample;
  sample.seconds = MonotonicSeconds();
  sample.status = status;
  sample.processes.push_back({"coordinator", status.pid(), {}});
  for (const MemberStatus& member : status.members()) {
    if (!member.alive()) continue;
    sample.processes.push_back(
        {absl::StrCat(Role::Kind_Name(member.member().role()), " ", member.member().index()),
         member.member().pid(),
         {}});
  }
  sample.processes.push_back({"launcher", getpid(), {}});
  for (RunSample::Process& process : sample.processes) {
    DROVER_ASSIGN_OR_RETURN(process.usage, ReadProcessUsage(static_cast<pid_t>(process.pid)));
  }
  return sample;
}

}  // namespace drover
