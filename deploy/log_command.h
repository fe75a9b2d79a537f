#ifndef DROVER_DEPLOY_LOG_COMMAND_H_
#define DROVER_DEPLOY_LOG_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "deploy/reconcile.h"

namespace drover {

// Prints a process's log, where that is a file of its run directory: see Engine::LogCommand.
inline std::vector<std::string> LogFileCommand(const std::string& run_dir, const Place& place,
                                               bool follow) {
  const std::string path =
      absl::StrCat(run_dir, "/logs/", Role::Kind_Name(place.role), "-", place.index, ".log");
  if (follow) return {"tail", "-n", "+1", "-F", "--", path};
  return {"cat", "--", path};
}

}  // namespace drover

#endif  // DROVER_DEPLOY_LOG_COMMAND_H_
