#ifndef DROVER_CLI_CERTS_COMMAND_H_
#define DROVER_CLI_CERTS_COMMAND_H_

#include "cli/command_line.h"

namespace drover {

// `drover certs init|issue|show`: an authority, certificates and tokens (deploy/certificates.h).
Command AddCertsCommand(CLI::App* app);

}  // namespace drover

#endif  // DROVER_CLI_CERTS_COMMAND_H_
