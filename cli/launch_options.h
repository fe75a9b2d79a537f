#ifndef DROVER_CLI_LAUNCH_OPTIONS_H_
#define DROVER_CLI_LAUNCH_OPTIONS_H_

#include "cli/launch_settings.h"
#include "cli/option.h"

namespace drover {

// Declares --on, --listen, --http, --certs and --insecure: of who launches a run, and of who looks
// whether it could be.
void AddLaunchOptions(CLI::App* app, LaunchSettings* settings);

}  // namespace drover

#endif  // DROVER_CLI_LAUNCH_OPTIONS_H_
