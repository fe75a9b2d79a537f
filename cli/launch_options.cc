#include "cli/launch_options.h"

#include <string>

#include "absl/strings/str_join.h"
#include "cli/certs_option.h"
#include "cli/role_process.h"
#include "deploy/engines.h"

namespace drover {

void AddLaunchOptions(CLI::App* app, LaunchSettings* settings) {
  AddOption(app, "--on", settings->on, "where: local (default), slurm, …")
      .Check([](const std::string& name) {
        return std::string(MakeEngine(name, Placement()).status().message());
      })
      .TypeName(absl::StrJoin(EngineNames(), "|"));
  AddOption(app, "--listen", settings->listen, "one more address for the coordinator")
      .Check(AddressError)
      .TypeName("ADDRESS")
      .OneEach();
  AddCerts(app, &settings->certs);
  AddDashboard(app, &settings->http);
  AddFlag(app, "--insecure", settings->insecure,
          "processes listen on addresses that other hosts reach, open to anyone");
}

}  // namespace drover
