#ifndef DROVER_DEPLOY_LOG_COMMAND_H_
#define DROVER_DEPLOY_LOG_COMMAND_H_

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "deploy/reconcile.h"

namespace drover {

// Prints a log that is a file: see Engine::LogCommand.
inline std::vector<std::string> LogFileCommand(const std::string& path, bool follow) {
  if (follow) return {"tail", "-n", "+1", "-F", "--", path};
  return {"cat", "--", path};
}

// A process's, in its run directory.
inline std::vector<std::string> LogFileCommand(const std::string& run_dir, const Place& place,
                                               bool follow) {
  return LogFileCommand(
      absl::StrCat(run_dir, "/logs/", Role::Kind_Name(place.role), "-", place.index, ".log"),
      follow);
}

}  // namespace drover

#endif  // DROVER_DEPLOY_LOG_COMMAND_H_
