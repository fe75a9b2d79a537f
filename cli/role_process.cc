#include "cli/role_process.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include "cli/certs_option.h"
#include "cli/command_line.h"
#include "common/logging.h"
#include "common/rpc/address.h"
#include "common/rpc/run_address.h"

namespace drover {

std::string AddressError(const std::string& address) {
  return std::string(CheckAddress(address).message());
}

void AddProcessFlags(CLI::App* app, ProcessFlags* flags) {
  AddOption(app, "--log_level", flags->log_level, "debug, info, warning, error or off")
      .TypeName("LEVEL");
  AddCerts(app, &flags->certs);
}

void AddCoordinatorAddress(CLI::App* app, std::string* address) {
  AddOption(app, "--coordinator", *address,
            "its address; run:DIR: as it says in its run directory, which this host sees")
      .Required()
      .Check([](const std::string& text) {
        return std::string(CheckCoordinatorAddress(text).message());
      })
      .TypeName("ADDRESS");
}

void AddListen(CLI::App* app, std::vector<std::string>* addresses, bool* insecure) {
  AddOption(app, "--listen", *addresses, "unix:/path or host:port; may be repeated")
      .Required()
      .Check(AddressError)
      .TypeName("ADDRESS")
      .OneEach();
  AddFlag(app, "--insecure", *insecure,
          "listen on addresses that other hosts reach, open to anyone; with --certs not so");
}

void AddHttp(CLI::App* app, std::string* address) {
  AddOption(app, "--http", *address,
            "show it there over HTTP, or HTTPS with --certs: host:port, or auto: 127.0.0.1:8080 or "
            "another port")
      .Check([](const std::string& text) { return text == "auto" ? "" : AddressError(text); })
      .TypeName("ADDRESS");
}

void AddDashboard(CLI::App* app, std::string* address) {
  AddOption(app, "--http", *address,
            "where the dashboard is: host:port, none, or auto (default): 127.0.0.1:8080 or "
            "another port")
      .Check([](const std::string& text) {
        return text == "auto" || text == "none" ? "" : AddressError(text);
      })
      .TypeName("ADDRESS");
}

void AddReplaceable(CLI::App* app, bool* replaceable) {
  AddFlag(app, "--replaceable", *replaceable,
          "SIGTERM ends this process, not the run: a scheduler starts it again elsewhere");
}

RoleProcess::RoleProcess(const std::string& name, const ProcessFlags& flags,
                         const std::string& role)
    : status_(InitLogging(name, flags.log_level)) {
  if (!status_.ok()) return;
  parent_ = ParentWatch::Start([] {
    spdlog::error("the launcher is dead");
    _exit(kExitFailed);
  });
  if (!role.empty()) status_ = UseCerts(flags.certs, {role});
}

int RoleProcess::Finish(const absl::Status& status) const {
  if (status.ok()) return kExitOk;
  spdlog::error("{}", status.ToString());
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ? kExitBadInput : kExitFailed;
}

}  // namespace drover
