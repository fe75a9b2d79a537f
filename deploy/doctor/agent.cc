#include "deploy/doctor/agent.h"

#include <filesystem>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "deploy/command.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

// What puts LibTorch in place: an unpacked tarball has a script for it, a clone's front door does
// it.
std::string InstallLibTorch(const std::string& drover_agent, const std::string& variant) {
  const fs::path script = fs::path(drover_agent).parent_path().parent_path() / "get_libtorch.sh";
  if (fs::exists(script)) return absl::StrCat(script.string(), " ", variant);
  return variant == "cuda" ? "rm -rf ${DROVER_HOME:-~/.cache/drover}/libtorch-*; ./drover build"
                           : "./drover build";
}

}  // namespace

absl::StatusOr<Devices> AskAgent(const std::string& drover_agent) {
  if (!fs::exists(drover_agent)) {
    return absl::NotFoundError(absl::StrCat("there is no ", drover_agent));
  }
  DROVER_ASSIGN_OR_RETURN(const std::string text, CommandOutput({drover_agent, "devices"}));
  const auto json = nlohmann::json::parse(text, nullptr, /*exceptions=*/false);
  if (!json.is_object()) {
    return absl::AbortedError(absl::StrCat(drover_agent, " is not what it should be: ", text));
  }
  Devices devices;
  devices.libtorch = json.value("libtorch", "");
  devices.gpus = json.value("gpus", 0U);
  devices.why_none = json.value("why_none", "");
  return devices;
}

Finding CheckLibTorch(const std::string& drover_agent, const absl::StatusOr<Devices>& devices) {
  if (devices.ok()) return Ok("LibTorch", absl::StrCat(devices->libtorch, ", in ", drover_agent));
  return Wrong("LibTorch", std::string(devices.status().message()),
               InstallLibTorch(drover_agent, "cpu"));
}

Finding CheckGpus(const std::string& drover_agent, const Devices& devices, uint32_t asked,
                  bool driver) {
  const std::string what = "GPU";
  const std::string wanted = asked == 0 ? "none wanted here" : absl::StrCat(asked, " wanted");
  const std::string there = devices.gpus == 0 ? "none" : absl::StrCat(devices.gpus);
  if (devices.gpus >= asked) return Ok(what, absl::StrCat(there, "; ", wanted));
  const std::string found = absl::StrCat(wanted, "; ", there, " to be used: ", devices.why_none);
  const std::string see =
      driver ? "nvidia-smi  # must list it" : "apt-get install nvidia-driver  # there is none";
  if (devices.gpus > 0) return Wrong(what, found, see);
  return Wrong(
      what, found,
      absl::StrCat(see, "; then ", InstallLibTorch(drover_agent, "cuda"), "; or --set device=cpu"));
}

}  // namespace drover
