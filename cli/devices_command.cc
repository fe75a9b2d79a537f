#include "cli/devices_command.h"

#include <ATen/Context.h>
#include <torch/headeronly/version.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <string>

#include "absl/status/statusor.h"
#include "agent/device.h"

namespace drover {
namespace {

int RunDevices() {
  const absl::StatusOr<at::Device> cuda = OpenDevice("cuda");
  nlohmann::ordered_json json;
  json["libtorch"] = TORCH_VERSION;
  json["gpus"] = cuda.ok() ? at::getNumGPUs() : 0;
  json["why_none"] = std::string(cuda.status().message());
  std::cout << json.dump() << std::endl;
  return kExitOk;
}

}  // namespace

Command AddDevices(CLI::App* app) {
  CLI::App* command = AddCommand(app, "devices", "what LibTorch can compute with here, as JSON");
  return {command, [] { return RunDevices(); }};
}

}  // namespace drover
