#include "cli/new_run.h"

#include "common/file.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"

namespace drover {
namespace {

absl::StatusOr<RunDir> OpenRunDir(std::string path, bool resume, const std::string& name) {
  if (path.empty() && resume) {
    DROVER_ASSIGN_OR_RETURN(path, NewestRunDir(name));
  }
  return RunDir::Open(path.empty() ? NewRunDirPath(name) : path, resume);
}

}  // namespace

void NewRun::AddTo(CLI::App* app) {
  AddOption(app, "--run_dir", run_dir_, "for its files; default: runs/<config>-<time>")
      .TypeName("DIR");
  AddFlag(app, "--resume", resume_,
          "go on with the run in --run_dir; default: the config's newest");
}

absl::StatusOr<RunDir> NewRun::Prepare(const Plan& plan) const {
  DROVER_ASSIGN_OR_RETURN(RunDir run_dir, OpenRunDir(run_dir_, resume_, plan.experiment().name()));
  DROVER_RETURN_IF_ERROR(RemoveAll(run_dir.File(kSummaryFile)));
  DROVER_RETURN_IF_ERROR(RemoveAll(run_dir.File(kAddressFile)));
  DROVER_RETURN_IF_ERROR(run_dir.WriteConfig(plan.experiment(), plan.spec()));
  return run_dir;
}

}  // namespace drover
