#include "cli/launch_options.h"

#include <string>

#include "absl/strings/str_join.h"
#include "cli/certs_option.h"
#include "cli/role_process.h"
#include "deploy/engines.h"

namespace drover {

void AddLaunchOptions(CLI::App* app, LaunchSettings* settings) {
  app->add_option("--on", settings->on, "where: local (default), slurm, …")
      ->check([](const std::string& name) {
        return std::string(MakeEngine(name, Placement()).status().message());
      })
      ->type_name(absl::StrJoin(EngineNames(), "|"));
  app->add_option("--listen", settings->listen, "one more address for the coordinator")
      ->check(AddressError)
      ->type_name("ADDRESS")
      ->allow_extra_args(false);
  AddCerts(app, &settings->certs);
  AddDashboard(app, &settings->http);
  app->add_flag("--insecure", settings->insecure,
                "processes listen on addresses that other hosts reach, open to anyone");
}

}  // namespace drover
