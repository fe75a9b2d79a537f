#ifndef DROVER_CLI_CERTS_OPTION_H_
#define DROVER_CLI_CERTS_OPTION_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "cli/option.h"

namespace drover {

// --certs DIR, or DROVER_CERTS in the environment: of every command that speaks to others.
void AddCerts(CLI::App* app, std::string* directory);

// Whom a person's command speaks as: what it may then do, the server says. A process's own role is
// enough to ask after its health.
const std::vector<std::string>& PersonRoles();

// From now on this process speaks with the certificate in `directory`, or in the directory in it
// of the first of `roles` that has one: so one authority's directory does for all processes that
// see it. "": without. Call it before there are channels and servers, once StopSignal is there.
// NOT_FOUND, INVALID_ARGUMENT: what is wrong with which file.
absl::Status UseCerts(const std::string& directory, const std::vector<std::string>& roles);

}  // namespace drover

#endif  // DROVER_CLI_CERTS_OPTION_H_
