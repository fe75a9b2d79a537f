#ifndef DROVER_CLI_LAUNCH_SETTINGS_H_
#define DROVER_CLI_LAUNCH_SETTINGS_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/process.h"
#include "deploy/engine.h"

namespace drover {

// How `drover up` was told to launch a run: what `down`, `scale`, `logs` and the launcher in the
// background must know. In launch.json of the run directory; `train` writes none, which is the
// default.
struct LaunchSettings {
  std::string on = "local";  // the engine
  bool resume = false;
  bool insecure = false;
  std::vector<std::string> listen;
  std::string certs;          // absolute; as --certs; empty: none
  std::string http = "auto";  // the dashboard's address; "none": there is none
};

absl::Status WriteLaunchSettings(const std::string& run_dir, const LaunchSettings& settings);
// DATA_LOSS: the file is damaged.
absl::StatusOr<LaunchSettings> ReadLaunchSettings(const std::string& run_dir);

// Of a run that may be launched so, with this program's executables.
Placement MakePlacement(const LaunchSettings& settings, const Experiment& experiment);

// Of the run in a directory, as it was launched, and the engine for it.
absl::StatusOr<Placement> ReadPlacement(const std::string& run_dir);
absl::StatusOr<std::unique_ptr<Engine>> EngineOf(const std::string& run_dir);

// Starts the process that launches the run (cli/launch_command.h), in the background. Its log is
// LauncherLog.
absl::StatusOr<Process> StartLauncher(const std::string& run_dir);
std::string LauncherLog(const std::string& run_dir);

}  // namespace drover

#endif  // DROVER_CLI_LAUNCH_SETTINGS_H_
