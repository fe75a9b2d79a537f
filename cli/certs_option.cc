#include "cli/certs_option.h"

#include <algorithm>
#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/rpc/credentials.h"
#include "common/status_macros.h"

namespace drover {
namespace {

absl::StatusOr<std::string> Find(const std::string& directory,
                                 const std::vector<std::string>& roles) {
  std::vector<std::string> tried = {directory};
  for (const std::string& role : roles) tried.push_back(absl::StrCat(directory, "/", role));
  for (const std::string& path : tried) {
    if (std::filesystem::exists(absl::StrCat(path, "/", kCertificateFile))) return path;
  }
  return absl::NotFoundError(absl::StrCat("no ", kCertificateFile, " in ",
                                          absl::StrJoin(tried, " or "),
                                          "; `drover certs issue` makes one"));
}

}  // namespace

void AddCerts(CLI::App* app, std::string* directory) {
  AddOption(app, "--certs", *directory,
            "its certificate and token (docs/security.md); default: $DROVER_CERTS, or none")
      .EnvName("DROVER_CERTS")
      .TypeName("DIR");
}

const std::vector<std::string>& PersonRoles() {
  static const auto* const roles =
      new std::vector<std::string>{"admin", "viewer", "coordinator", "learner", "replay", "actor"};
  return *roles;
}

absl::Status UseCerts(const std::string& directory, const std::vector<std::string>& roles) {
  if (directory.empty()) return absl::OkStatus();
  DROVER_ASSIGN_OR_RETURN(const std::string path, Find(directory, roles));
  DROVER_ASSIGN_OR_RETURN(const std::shared_ptr<const Credentials> credentials,
                          Credentials::Load(path));
  if (std::find(roles.begin(), roles.end(), credentials->role()) == roles.end()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is of role \"", credentials->role(),
                                                   "\"; this needs ",
                                                   absl::StrJoin(roles, " or ")));
  }
  SetProcessCredentials(credentials);
  return absl::OkStatus();
}

}  // namespace drover
