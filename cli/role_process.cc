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
  app->add_option("--log_level", flags->log_level, "debug, info, warning, error or off")
      ->type_name("LEVEL");
  AddCerts(app, &flags->certs);
}

void AddCoordinatorAddress(CLI::App* app, std::string* address) {
  app->add_option("--coordinator", *address,
                  "its address; run:DIR: as it says in its run directory, which this host sees")
      ->required()
      ->check([](const std::string& text) {
        return std::string(CheckCoordinatorAddress(text).message());
      })
      ->type_name("ADDRESS");
}

void AddListen(CLI::App* app, std::vector<std::string>* addresses, bool* insecure) {
  app->add_option("--listen", *addresses, "unix:/path or host:port; may be repeated")
      ->required()
      ->check(AddressError)
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  app->add_flag("--insecure", *insecure,
                "listen on addresses that other hosts reach, open to anyone; with --certs not so");
}

void AddHttp(CLI::App* app, std::string* address) {
  app->add_option(
         "--http", *address,
         "show it there over HTTP, or HTTPS with --certs: host:port, or auto: 127.0.0.1:8080 or "
         "another port")
      ->check([](const std::string& text) { return text == "auto" ? "" : AddressError(text); })
      ->type_name("ADDRESS");
}

void AddDashboard(CLI::App* app, std::string* address) {
  app->add_option("--http", *address,
                  "where the dashboard is: host:port, none, or auto (default): 127.0.0.1:8080 or "
                  "another port")
      ->check([](const std::string& text) {
        return text == "auto" || text == "none" ? "" : AddressError(text);
      })
      ->type_name("ADDRESS");
}

void AddReplaceable(CLI::App* app, bool* replaceable) {
  app->add_flag("--replaceable", *replaceable,
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
