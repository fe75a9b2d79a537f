#include "cli/role_process.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "cli/command_line.h"
#include "common/logging.h"
#include "common/rpc/address.h"

namespace drover {

void AddLogLevel(CLI::App* app, std::string* level) {
  *level = "info";
  app->add_option("--log_level", *level, "debug, info, warning, error or off")->type_name("LEVEL");
}

std::string AddressError(const std::string& address) {
  return std::string(CheckAddress(address).message());
}

RoleProcess::RoleProcess(const std::string& name, const std::string& log_level)
    : status_(InitLogging(name, log_level)) {
  if (!status_.ok()) return;
  parent_ = ParentWatch::Start([] {
    spdlog::error("the launcher is dead");
    _exit(kExitFailed);
  });
}

int RoleProcess::Finish(const absl::Status& status) const {
  if (status.ok()) return kExitOk;
  spdlog::error("{}", status.ToString());
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? kExitBadInput : kExitFailed;
}

}  // namespace drover
