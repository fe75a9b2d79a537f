#include "cli/run_option.h"

#include <filesystem>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "cli/certs_option.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "deploy/run_dir.h"

namespace drover {

void AddRun(CLI::App* command, RunOption* option) {
  AddOption(command, "run", option->run, "its directory; default: the newest in runs/")
      .TypeName("RUN");
  AddCerts(command, &option->certs);
}

absl::StatusOr<std::string> FindRun(const std::string& run) {
  std::string path = run;
  if (path.empty()) {
    DROVER_ASSIGN_OR_RETURN(path, NewestRunDir(""));
  }
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::canonical(path, error);
  if (error || !std::filesystem::exists(absolute / kConfigFile)) {
    return absl::NotFoundError(absl::StrCat("there is no run in ", path));
  }
  return absolute.string();
}

absl::StatusOr<std::string> OpenRun(const RunOption& option) {
  DROVER_RETURN_IF_ERROR(UseCerts(option.certs, PersonRoles()));
  return FindRun(option.run);
}

}  // namespace drover
