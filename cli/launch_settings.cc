#include "cli/launch_settings.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "cli/executables.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/text_proto.h"
#include "coordinator/coordinator_main.h"
#include "deploy/engines.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

std::string Path(const std::string& run_dir) { return absl::StrCat(run_dir, "/launch.json"); }

}  // namespace

absl::Status WriteLaunchSettings(const std::string& run_dir, const LaunchSettings& settings) {
  const nlohmann::ordered_json json = {
      {"on", settings.on},         {"resume", settings.resume}, {"insecure", settings.insecure},
      {"listen", settings.listen}, {"certs", settings.certs},   {"http", settings.http}};
  return WriteFile(Path(run_dir), json.dump(2) + "\n");
}

absl::StatusOr<LaunchSettings> ReadLaunchSettings(const std::string& run_dir) {
  LaunchSettings settings;
  const absl::StatusOr<std::string> text = ReadFile(Path(run_dir));
  if (absl::IsNotFound(text.status())) return settings;
  if (!text.ok()) return text.status();
  try {
    const nlohmann::json json = nlohmann::json::parse(*text);
    json.at("on").get_to(settings.on);
    json.at("resume").get_to(settings.resume);
    json.at("insecure").get_to(settings.insecure);
    json.at("listen").get_to(settings.listen);
    json.at("certs").get_to(settings.certs);
    json.at("http").get_to(settings.http);
  } catch (const nlohmann::json::exception& exception) {
    return absl::DataLossError(
        absl::StrCat(Path(run_dir), " is not what `drover up` writes: ", exception.what()));
  }
  return settings;
}

Placement MakePlacement(const LaunchSettings& settings, const Experiment& experiment) {
  Placement placement;
  placement.experiment = experiment;
  placement.resume = settings.resume;
  placement.insecure = settings.insecure;
  placement.listen = settings.listen;
  placement.certs = settings.certs;
  if (settings.http != "none") placement.http = settings.http;
  placement.drover = DroverPath();
  placement.drover_agent = DroverAgentPath();
  return placement;
}

absl::StatusOr<Placement> ReadPlacement(const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(const LaunchSettings settings, ReadLaunchSettings(run_dir));
  Experiment experiment;
  DROVER_RETURN_IF_ERROR(
      ReadTextProto(absl::StrCat(run_dir, "/", kConfigFile), &experiment).status());
  Placement placement = MakePlacement(settings, experiment);
  placement.run_dir = run_dir;
  return placement;
}

absl::StatusOr<std::unique_ptr<Engine>> EngineOf(const std::string& run_dir) {
  DROVER_ASSIGN_OR_RETURN(const LaunchSettings settings, ReadLaunchSettings(run_dir));
  DROVER_ASSIGN_OR_RETURN(const Placement placement, ReadPlacement(run_dir));
  return MakeEngine(settings.on, placement);
}

std::string LauncherLog(const std::string& run_dir) { return LogPath(run_dir, "launcher", 0); }

absl::StatusOr<Process> StartLauncher(const std::string& run_dir) {
  ProcessOptions options;
  options.command = {DroverPath(), "launch", run_dir};
  options.log_path = LauncherLog(run_dir);
  options.detached = true;
  return Process::Start(options);
}

}  // namespace drover
