#ifndef DROVER_DEPLOY_LOG_COMMAND_H_
#define DROVER_DEPLOY_LOG_COMMAND_H_

#include <string>
#include <vector>

#include "deploy/reconcile.h"
#include "deploy/run_dir.h"

namespace drover {

// Prints a log that is a file: see Engine::LogCommand.
inline std::vector<std::string> LogFileCommand(const std::string& path, bool follow) {
  if (follow) return {"tail", "-n", "+1", "-F", "--", path};
  return {"cat", "--", path};
}

// That of a process of the run.
inline std::vector<std::string> LogFileCommand(const std::string& run_dir, const Place& place,
                                               bool follow) {
  return LogFileCommand(LogPath(run_dir, Role::Kind_Name(place.role), place.index), follow);
}

}  // namespace drover

#endif  // DROVER_DEPLOY_LOG_COMMAND_H_
