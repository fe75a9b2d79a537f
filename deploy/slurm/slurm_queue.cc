#include "deploy/slurm/slurm_queue.h"

#include <algorithm>
#include <map>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/parent_watch.h"
#include "common/status_macros.h"
#include "deploy/command.h"
#include "deploy/slurm/slurm_script.h"

namespace drover {
namespace {

constexpr char kFormat[] = "%i|%T|%j|%K";
constexpr size_t kIdsAtOnce = 500;  // a command line has room for these
// Slurm's words for what passes: its controller starts again, or has much to do.
constexpr const char* kPassing[] = {"Unable to contact", "timed out", "Connection refused",
                                    "temporarily", "try again"};

std::map<std::string, Role::Kind> RolesByName(const std::string& run_id) {
  std::map<std::string, Role::Kind> roles;
  for (const Role::Kind role :
       {Role::coordinator, Role::learner, Role::replay, Role::evaluator, Role::actor}) {
    roles[SlurmJobName(run_id, role)] = role;
  }
  return roles;
}

absl::StatusOr<std::string> Ask(const std::vector<std::string>& command) {
  absl::StatusOr<std::string> output = CommandOutput(command);
  const absl::string_view said = output.status().message();
  const bool passes =
      absl::IsDeadlineExceeded(output.status()) ||
      std::any_of(std::begin(kPassing), std::end(kPassing),
                  [said](const char* words) { return absl::StrContains(said, words); });
  return output.ok() || !passes ? output : absl::UnavailableError(said);
}

}  // namespace

absl::StatusOr<std::vector<SlurmJob>> ParseSlurmQueue(absl::string_view squeue,
                                                      const std::string& run_id) {
  const std::map<std::string, Role::Kind> roles = RolesByName(run_id);
  std::vector<SlurmJob> jobs;
  for (const absl::string_view line : absl::StrSplit(squeue, '\n', absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, '|');
    if (fields.size() != 4)
      return absl::FailedPreconditionError(absl::StrCat("squeue said: ", line));
    const auto role = roles.find(fields[2]);
    if (role == roles.end()) continue;
    SlurmJob& job = jobs.emplace_back();
    job.place.role = role->second;
    job.id = fields[0];
    job.state = fields[1];
    if (IsSlurmArray(job.place.role) && !absl::SimpleAtoi(fields[3], &job.place.index)) {
      return absl::FailedPreconditionError(absl::StrCat("squeue said: ", line));
    }
  }
  return jobs;
}

absl::StatusOr<std::vector<SlurmJob>> SlurmQueue::List() const {
  std::vector<std::string> names;
  for (const auto& [name, role] : RolesByName(run_id_)) names.push_back(name);
  DROVER_ASSIGN_OR_RETURN(const std::string output,
                          Ask({"squeue", "--noheader", "--array", "--format", kFormat, "--name",
                               absl::StrJoin(names, ",")}));
  return ParseSlurmQueue(output, run_id_);
}

absl::Status SlurmQueue::Submit(const std::string& script,
                                const std::vector<uint32_t>& indexes) const {
  // Slurm hands on the environment, but not the pipe that it speaks of.
  std::vector<std::string> command = {"env", "-u", kParentPipeVariable, "sbatch", "--parsable"};
  if (!indexes.empty()) command.push_back(absl::StrCat("--array=", absl::StrJoin(indexes, ",")));
  command.push_back(script);
  return Ask(command).status();
}

absl::Status SlurmQueue::Cancel(const std::vector<std::string>& ids) const {
  for (size_t i = 0; i < ids.size(); i += kIdsAtOnce) {
    std::vector<std::string> command = {"scancel"};
    for (size_t k = i; k < std::min(ids.size(), i + kIdsAtOnce); ++k) command.push_back(ids[k]);
    DROVER_RETURN_IF_ERROR(Ask(command).status());
  }
  return absl::OkStatus();
}

}  // namespace drover
