#include "deploy/certificates.h"

#include <sys/stat.h>

#include <string>

#include "absl/strings/ascii.h"
#include "common/certificate.h"
#include "common/file.h"
#include "common/rpc/credentials.h"
#include "common/rpc/permissions.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

constexpr CertificateUse kClient = CertificateUse::kClient;
constexpr CertificateUse kServer = CertificateUse::kServer;

class CertificatesTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(InitAuthority(authority_, ForDays(365)).ok()); }

  static std::string Text(const std::string& path) {
    absl::StatusOr<std::string> text = ReadFile(path);
    EXPECT_TRUE(text.ok()) << text.status();
    return text.value_or("");
  }
  std::string Authority() const { return Text(authority_ + "/ca.pem"); }

  // The certificate of a new one.
  std::string Issue(const std::string& role, const Validity& validity = ForDays(30),
                    const std::vector<std::string>& hosts = {}) const {
    const absl::StatusOr<std::string> path = IssueCertificate(authority_, role, hosts, validity);
    EXPECT_TRUE(path.ok()) << path.status();
    return Text(*path + "/cert.pem");
  }

  absl::StatusCode Check(const std::string& certificate, CertificateUse use) const {
    return CheckCertificate(certificate, Authority(), use, absl::Now()).code();
  }

  TempDirectory directory_ = *TempDirectory::Make();
  const std::string authority_ = directory_.path() + "/certs";
};

TEST_F(CertificatesTest, ARoleIsInItsCertificate) {
  for (const std::string& role : CertificateRoles()) {
    const std::string certificate = Issue(role, ForDays(30), {"node7", "10.1.2.3", "::1"});
    const absl::StatusOr<CertificateInfo> info = ReadCertificate(certificate);
    ASSERT_TRUE(info.ok()) << info.status();
    EXPECT_EQ(info->name, role);
    EXPECT_EQ(info->issuer, ReadCertificate(Authority())->name);
    EXPECT_EQ(info->hosts, (std::vector<std::string>{"node7", "10.1.2.3", "::1"}));
    EXPECT_EQ(info->fingerprint.size(), 64U);
    EXPECT_LT(info->not_before, absl::Now());
    EXPECT_NEAR(absl::ToDoubleHours(info->not_after - absl::Now()), 24 * 30, 1);
    EXPECT_EQ(Check(certificate, kClient), absl::StatusCode::kOk);
    EXPECT_EQ(Check(certificate, kServer) == absl::StatusCode::kOk, Serves(role)) << role;
    const auto credentials = Credentials::Load(authority_ + "/" + role);
    ASSERT_TRUE(credentials.ok()) << credentials.status();
    EXPECT_EQ((*credentials)->role(), role);
    EXPECT_EQ((*credentials)->server().ok(), Serves(role)) << role;
  }
}

TEST_F(CertificatesTest, OthersAreRefusedEachForItsReason) {
  const absl::Time now = absl::Now();
  EXPECT_EQ(Check("nothing", kClient), absl::StatusCode::kNotFound);
  EXPECT_EQ(Check(Issue("actor", {now - absl::Hours(2), now - absl::Hours(1)}), kClient),
            absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Check(Issue("actor", {now + absl::Hours(1), now + absl::Hours(2)}), kClient),
            absl::StatusCode::kOutOfRange);
  const std::string mine = Issue("actor");
  const std::string other = directory_.path() + "/other";
  ASSERT_TRUE(InitAuthority(other, ForDays(1)).ok());
  EXPECT_EQ(CheckCertificate(mine, Text(other + "/ca.pem"), kClient, now).code(),
            absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(CheckCertificate(mine, Text(other + "/ca.pem") + Authority(), kClient, now),
            absl::OkStatus());
  // A role's key signs nothing that counts: it is no authority.
  ASSERT_TRUE(WriteFile(authority_ + "/ca.key", Text(authority_ + "/actor/key.pem")).ok());
  EXPECT_FALSE(IssueCertificate(authority_, "admin", {}, ForDays(1)).ok());
}

TEST_F(CertificatesTest, OnlyTheOwnerReadsSecrets) {
  Issue("learner");
  const auto mode = [&](const std::string& name) {
    struct stat info {};
    EXPECT_EQ(stat((authority_ + name).c_str(), &info), 0) << name;
    return info.st_mode & 0777;
  };
  for (const char* directory : {"", "/tokens", "/learner"}) EXPECT_EQ(mode(directory), 0700U);
  for (const char* file :
       {"/ca.key", "/tokens/admin", "/learner/key.pem", "/learner/token", "/learner/tokens.json"}) {
    EXPECT_EQ(mode(file), 0600U) << file;
  }
}

TEST_F(CertificatesTest, WhoServesKnowsTokensByTheirHash) {
  Issue("actor");
  Issue("replay");
  EXPECT_EQ(ReadFile(authority_ + "/actor/tokens.json").status().code(),
            absl::StatusCode::kNotFound);
  const std::string hashes = Text(authority_ + "/replay/tokens.json");
  const absl::StatusOr<TokenTable> tokens = TokenTable::Parse(hashes);
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  for (const std::string& role : CertificateRoles()) {
    const std::string token(absl::StripAsciiWhitespace(Text(authority_ + "/tokens/" + role)));
    EXPECT_EQ(token.size(), 64U);
    EXPECT_EQ(tokens->RoleOf(token), role);
    EXPECT_EQ(hashes.find(token), std::string::npos);
  }
  EXPECT_EQ(Text(authority_ + "/actor/token"), Text(authority_ + "/tokens/actor"));
  for (const char* other : {"", "x"}) EXPECT_EQ(tokens->RoleOf(other), "");
}

TEST_F(CertificatesTest, RenewalKeepsKeyAndToken) {
  const std::string before = Issue("actor");
  const std::string key = Text(authority_ + "/actor/key.pem");
  const std::string token = Text(authority_ + "/actor/token");
  EXPECT_NE(Issue("actor"), before);
  EXPECT_EQ(Text(authority_ + "/actor/key.pem"), key);
  EXPECT_EQ(Text(authority_ + "/actor/token"), token);
}

TEST_F(CertificatesTest, BadInputSaysWhatIsWrong) {
  EXPECT_EQ(InitAuthority(authority_, ForDays(1)).code(), absl::StatusCode::kAlreadyExists);
  const absl::Status role = IssueCertificate(authority_, "aktor", {}, ForDays(1)).status();
  EXPECT_EQ(role.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(role.message().find("did you mean \"actor\""), std::string::npos) << role;
  EXPECT_EQ(IssueCertificate(directory_.path(), "actor", {}, ForDays(1)).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(InitAuthority("/proc/certs", ForDays(1)).ok());
}

TEST_F(CertificatesTest, CredentialsThatDoNotFitSaySo) {
  const absl::Time now = absl::Now();
  const std::string actor = authority_ + "/actor";
  const auto message = [&] { return std::string(Credentials::Load(actor).status().message()); };
  EXPECT_NE(message().find("actor/cert.pem"), std::string::npos) << message();
  Issue("actor", {now - absl::Hours(2), now - absl::Hours(1)});
  EXPECT_NE(message().find("expired"), std::string::npos) << message();
  Issue("actor");
  EXPECT_EQ(message(), "");
  Issue("learner");
  ASSERT_TRUE(WriteFile(actor + "/key.pem", Text(authority_ + "/learner/key.pem")).ok());
  EXPECT_NE(message().find("key.pem: the private key is not"), std::string::npos) << message();
  ASSERT_TRUE(RemoveAll(actor).ok());
  Issue("actor");
  ASSERT_TRUE(WriteFile(actor + "/token", "\n").ok());
  EXPECT_NE(message().find("token: it is empty"), std::string::npos) << message();
}

}  // namespace
}  // namespace drover
