#include "cli/certs_command.h"

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "common/certificate.h"
#include "common/file.h"
#include "common/rpc/credentials.h"
#include "common/rpc/permissions.h"
#include "common/status_macros.h"
#include "deploy/certificates.h"

namespace drover {
namespace {

struct Flags {
  std::string directory;
  std::vector<std::string> roles;
  std::vector<std::string> hosts;
  int days = 0;
};

int RunInit(const Flags& flags) {
  const absl::Status status = InitAuthority(flags.directory, ForDays(flags.days));
  if (!status.ok()) return Fail(status, kExitBadInput);
  std::cout << flags.directory << ": a new authority. Keep ca.key and tokens/ to yourself; next: "
            << "drover certs issue " << flags.directory << std::endl;
  return kExitOk;
}

int RunIssue(const Flags& flags) {
  const std::vector<std::string>& roles = flags.roles.empty() ? CertificateRoles() : flags.roles;
  for (const std::string& role : roles) {
    const absl::StatusOr<std::string> path =
        IssueCertificate(flags.directory, role, flags.hosts, ForDays(flags.days));
    if (!path.ok()) return Fail(path.status(), kExitBadInput);
    std::cout << *path << std::endl;
  }
  return kExitOk;
}

std::string Day(absl::Time time) { return absl::FormatTime("%Y-%m-%d", time, absl::UTCTimeZone()); }

std::string Text(const std::string& path, const CertificateInfo& info, const absl::Status& status) {
  const auto days = static_cast<int64_t>((info.not_after - absl::Now()) / absl::Hours(24));
  return absl::StrCat(path, "\n  name         ", info.name, "\n  authority    ", info.issuer,
                      "\n  valid        ", Day(info.not_before), " to ", Day(info.not_after), ", ",
                      days, " days left\n  hosts        ",
                      info.hosts.empty() ? "none named" : absl::StrJoin(info.hosts, ", "),
                      "\n  fingerprint  ", info.fingerprint, "\n",
                      status.ok() ? "" : absl::StrCat("  WRONG        ", status.message(), "\n"));
}

// A certificate's file, alone or with all that its directory must hold.
absl::Status Show(const std::string& path, const absl::Status& status) {
  DROVER_ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
  absl::StatusOr<CertificateInfo> info = ReadCertificate(pem);
  if (!info.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", info.status().message()));
  }
  std::cout << Text(path, *info, status) << std::flush;
  return status;
}

// What the path names: a file, a role's directory, or an authority's with all of its roles.
absl::Status ShowAll(const std::string& path) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(path)) return Show(path, absl::OkStatus());
  absl::Status status;
  const std::string certificate = absl::StrCat(path, "/", kCertificateFile);
  if (fs::exists(certificate)) return Show(certificate, Credentials::Load(path).status());
  status.Update(Show(absl::StrCat(path, "/", kAuthorityFile), absl::OkStatus()));
  for (const std::string& role : CertificateRoles()) {
    const std::string directory = absl::StrCat(path, "/", role);
    if (fs::exists(absl::StrCat(directory, "/", kCertificateFile))) {
      status.Update(ShowAll(directory));
    }
  }
  return status;
}

int RunShow(const Flags& flags) {
  const absl::Status status = ShowAll(flags.directory);
  return status.ok() ? kExitOk : Fail(status, kExitFailed);
}

void AddDays(CLI::App* app, int days, Flags* flags) {
  AddOption(app, "--days", flags->days, absl::StrCat("it is valid for; default: ", days))
      .Default(days)
      .Range(1, 36500)
      .TypeName("N");
}

}  // namespace

Command AddCertsCommand(CLI::App* app) {
  CLI::App* certs = AddCommand(app, "certs", "certificates and tokens, for runs over networks");
  const auto add = [certs](const char* name, const char* what, const std::shared_ptr<Flags>& flags,
                           const char* directory) {
    CLI::App* command = AddCommand(certs, name, what);
    AddOption(command, "directory", flags->directory, directory).Required().TypeName("DIR");
    return command;
  };
  std::vector<Command> commands;
  auto init = std::make_shared<Flags>();
  CLI::App* command = add("init", "make an authority and the roles' tokens", init, "a new one");
  AddDays(command, 3650, init.get());
  commands.push_back({command, [init] { return RunInit(*init); }});

  auto issue = std::make_shared<Flags>();
  command = add("issue", "make or renew the directory of a role", issue, "the authority's");
  AddOption(command, "role", issue->roles,
            absl::StrCat(absl::StrJoin(CertificateRoles(), ", "), "; default: each"));
  AddOption(command, "--host", issue->hosts,
            "a name or address that browsers find it by; may be repeated")
      .OneEach();
  AddDays(command, 365, issue.get());
  commands.push_back({command, [issue] { return RunIssue(*issue); }});

  auto show = std::make_shared<Flags>();
  command = add("show", "what a certificate says, and whether its directory is whole", show,
                "an authority's or a role's directory, or a certificate");
  commands.push_back({command, [show] { return RunShow(*show); }});
  return {certs, [commands] { return RunParsed(commands); }};
}

}  // namespace drover
