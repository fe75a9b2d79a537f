#include "deploy/slurm/slurm_script.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "deploy/resources.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

std::string Quoted(const std::string& word) {
  return absl::StrCat("'", absl::StrReplaceAll(word, {{"'", R"('\'')"}}), "'");
}

std::vector<std::string> Directives(const Placement& placement, const std::string& run_id,
                                    Role::Kind role) {
  const Resources resources = ResourcesOf(placement.experiment, role);
  const SlurmOptions& slurm = placement.experiment.cluster().slurm();
  const std::string index = IsSlurmArray(role) ? "%a" : "0";
  std::vector<std::string> all = {
      absl::StrCat("--job-name=", SlurmJobName(run_id, role)),
      absl::StrCat("--output=\"", LogPath(placement.run_dir, Role::Kind_Name(role), index), "\""),
      "--open-mode=append",
      "--ntasks=1",
      absl::StrCat("--cpus-per-task=", resources.cores()),
      absl::StrCat("--mem=", resources.memory_mib(), "M"),
      "--requeue",
  };
  if (resources.gpus() > 0) all.push_back(absl::StrCat("--gres=gpu:", resources.gpus()));
  if (resources.features_size() > 0) {
    all.push_back(absl::StrCat("--constraint=\"", absl::StrJoin(resources.features(), "&"), "\""));
  }
  if (!slurm.partition().empty()) all.push_back(absl::StrCat("--partition=", slurm.partition()));
  if (!slurm.account().empty()) all.push_back(absl::StrCat("--account=", slurm.account()));
  if (!slurm.time_limit().empty()) all.push_back(absl::StrCat("--time=", slurm.time_limit()));
  all.insert(all.end(), slurm.options().begin(), slurm.options().end());
  return all;
}

std::string CommandLine(const Placement& placement, Role::Kind role) {
  const bool agent = role != Role::coordinator && role != Role::replay;
  const bool serves = role != Role::actor && role != Role::evaluator;
  std::string line =
      absl::StrCat("exec ", Quoted(agent ? placement.drover_agent : placement.drover), " ",
                   Role::Kind_Name(role));
  if (role == Role::coordinator) {
    absl::StrAppend(&line, " --run_dir ", Quoted(placement.run_dir));
  } else {
    absl::StrAppend(&line, " --coordinator ", Quoted(absl::StrCat("run:", placement.run_dir)));
  }
  if (serves) absl::StrAppend(&line, R"( --listen "${DROVER_HOST:-$(hostname)}:0")");
  if (serves && placement.insecure) absl::StrAppend(&line, " --insecure");
  if (role == Role::coordinator) {
    for (const std::string& address : placement.listen) {
      absl::StrAppend(&line, " --listen ", Quoted(address));
    }
    if (!placement.http.empty()) absl::StrAppend(&line, " --http ", Quoted(placement.http));
  }
  if (IsSlurmArray(role)) absl::StrAppend(&line, R"( --index "$SLURM_ARRAY_TASK_ID")");
  if (!placement.certs.empty()) absl::StrAppend(&line, " --certs ", Quoted(placement.certs));
  // Who is requeued goes on from there; a new run has no checkpoint, and starts.
  if (role == Role::learner) absl::StrAppend(&line, " --resume");
  if (role == Role::learner || role == Role::coordinator) absl::StrAppend(&line, " --replaceable");
  return line;
}

}  // namespace

std::string SlurmJobName(const std::string& run_id, Role::Kind role) {
  std::string name = absl::StrCat(run_id, ".", Role::Kind_Name(role));
  for (char& c : name) {
    if (!absl::ascii_isalnum(c) && c != '-' && c != '_' && c != '.') c = '_';
  }
  return name;
}

std::string SlurmScriptPath(const std::string& run_dir, Role::Kind role) {
  return absl::StrCat(run_dir, "/slurm/", Role::Kind_Name(role), ".sbatch");
}

bool IsSlurmArray(Role::Kind role) { return role == Role::actor || role == Role::replay; }

std::string SlurmScript(const Placement& placement, const std::string& run_id, Role::Kind role) {
  std::string text = "#!/bin/sh\n# Drover writes it anew with each launch of this run. By hand: ";
  absl::StrAppend(&text, "sbatch ", IsSlurmArray(role) ? "--array=0-3 " : "",
                  SlurmScriptPath(placement.run_dir, role), "\n");
  for (const std::string& directive : Directives(placement, run_id, role)) {
    absl::StrAppend(&text, "#SBATCH ", directive, "\n");
  }
  absl::StrAppend(&text,
                  "\n# Its address on the network that the others share: $DROVER_HOST, where",
                  " the host's name is not.\n", CommandLine(placement, role), "\n");
  return text;
}

}  // namespace drover
