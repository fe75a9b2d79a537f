#include "deploy/doctor/certs.h"

#include <sys/stat.h>

#include <filesystem>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/certificate.h"
#include "common/file.h"
#include "common/rpc/credentials.h"
#include "common/rpc/permissions.h"
#include "deploy/certificates.h"
#include "deploy/doctor/clock.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kWeek = absl::Hours(24 * 7);
constexpr mode_t kOthers = S_IRWXG | S_IRWXO;

std::string Date(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M UTC", time, absl::UTCTimeZone());
}

// One role's directory.
class RoleCheck {
 public:
  explicit RoleCheck(fs::path directory)
      : directory_(std::move(directory)), what_("certificate " + directory_.string()) {}

  Finding Check() const {
    const absl::StatusOr<std::string> pem = ReadFile(directory_ / kCertificateFile);
    if (!pem.ok()) return Bad(std::string(pem.status().message()), "ROLE");
    const absl::StatusOr<CertificateInfo> info = ReadCertificate(*pem);
    if (!info.ok()) return Bad(std::string(info.status().message()), "ROLE");
    if (const absl::Time now = absl::Now(); now < info->not_before) {
      return Wrong(
          what_,
          absl::StrCat("is valid from ", Date(info->not_before), " on; here it is ", Date(now)),
          SetClock());
    }
    const absl::Status whole = Credentials::Load(directory_).status();
    if (!whole.ok()) return Bad(std::string(whole.message()), info->name);
    if (!TakesItsToken(info->name)) {
      return Bad(absl::StrCat(kTokensFile, " is older than ", kTokenFile), info->name);
    }
    if (const std::string open = OpenFile(); !open.empty()) {
      return Wrong(what_, absl::StrCat(open, " can be read by others"),
                   absl::StrCat("chmod 600 ", open));
    }
    return Until(*info);
  }

 private:
  Finding Bad(const std::string& found, const std::string& role) const {
    return Wrong(what_, found, Issue(role));
  }

  // Its end is the authority's, where that comes first.
  Finding Until(const CertificateInfo& info) const {
    const auto authority = ReadCertificate(ReadFile(directory_ / kAuthorityFile).value_or(""));
    const bool first = authority.ok() && authority->not_after < info.not_after;
    const absl::Time end = first ? authority->not_after : info.not_after;
    const std::string found =
        absl::StrCat("role ", info.name, ", until ", Date(end), first ? ", as its authority" : "");
    if (end - absl::Now() >= kWeek) return Ok(what_, found);
    return Warning(what_, found,
                   first ? "drover certs init NEW  # and on as docs/security.md has it: Renew"
                         : Issue(info.name));
  }

  // The authority may be beside it, or on another machine.
  std::string Issue(const std::string& role) const {
    const fs::path parent = fs::absolute(directory_).lexically_normal().parent_path();
    if (fs::exists(parent / kAuthorityKeyFile)) {
      return absl::StrCat("drover certs issue ", parent.string(), " ", role);
    }
    return absl::StrCat("drover certs issue CERTS ", role, "  # where the authority is; then copy ",
                        "CERTS/", role, "/* to ", directory_.string());
  }

  bool TakesItsToken(const std::string& role) const {
    if (!Serves(role)) return true;
    const std::string token = ReadFile(directory_ / kTokenFile).value_or("");
    const auto table = TokenTable::Parse(ReadFile(directory_ / kTokensFile).value_or(""));
    return table.ok() && table->RoleOf(absl::StripAsciiWhitespace(token)) == role;
  }

  // A secret file that others read; "": none.
  std::string OpenFile() const {
    struct stat info {};
    for (const char* name : {kKeyFile, kTokenFile}) {
      const std::string path = directory_ / name;
      if (stat(path.c_str(), &info) == 0 && (info.st_mode & kOthers) != 0) return path;
    }
    return "";
  }

  const fs::path directory_;
  const std::string what_;
};

}  // namespace

std::string MakeCerts() {
  return "drover certs init certs && drover certs issue certs, then --certs certs; or, where all "
         "may, --insecure";
}

Findings CheckCerts(const std::string& directory) {
  const fs::path root = directory;
  if (fs::exists(root / kCertificateFile)) return {RoleCheck(root).Check()};
  Findings findings;
  for (const std::string& role : CertificateRoles()) {
    if (fs::exists(root / role)) findings.push_back(RoleCheck(root / role).Check());
  }
  if (!findings.empty()) return findings;
  const bool authority = fs::exists(root / kAuthorityKeyFile);
  return {Wrong(absl::StrCat("certificates ", directory), "there is none",
                absl::StrCat(authority ? "" : absl::StrCat("drover certs init ", directory, " && "),
                             "drover certs issue ", directory))};
}

}  // namespace drover
