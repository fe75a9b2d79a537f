#include "deploy/doctor/certs.h"

#include <sys/stat.h>

#include <string>

#include "absl/time/clock.h"
#include "common/file.h"
#include "common/rpc/permissions.h"
#include "deploy/certificates.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using Level = Finding::Level;

class CertsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitAuthority(authority_, ForDays(365)).ok());
    Issue("learner", ForDays(30));
  }

  void Issue(const std::string& role, const Validity& validity) const {
    const auto issued = IssueCertificate(authority_, role, {}, validity);
    ASSERT_TRUE(issued.ok()) << issued.status();
  }
  std::string Learner(const std::string& file = "") const {
    return authority_ + "/learner" + (file.empty() ? "" : "/" + file);
  }
  // What is said of the learner's directory; what else there is is well.
  Finding Check() const {
    const Findings findings = CheckCerts(Learner());
    EXPECT_EQ(findings.size(), 1U);
    return findings.front();
  }
  // That it is wrong, so, and renewed so.
  void ExpectRenewal(const std::string& found) const {
    const Finding finding = Check();
    EXPECT_EQ(finding.level, Level::kWrong);
    EXPECT_NE(finding.found.find(found), std::string::npos) << finding.found;
    EXPECT_EQ(finding.mend, "drover certs issue " + authority_ + " learner");
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  const std::string authority_ = directory_.path() + "/certs";
  const absl::Time now_ = absl::Now();
};

TEST_F(CertsTest, AllOfAnAuthority) {
  for (const std::string& role : CertificateRoles()) Issue(role, ForDays(30));
  const Findings findings = CheckCerts(authority_);
  EXPECT_EQ(findings.size(), CertificateRoles().size());
  for (const Finding& finding : findings) {
    EXPECT_EQ(finding.level, Level::kOk) << finding.what << ": " << finding.found;
  }
}

TEST_F(CertsTest, Expired) {
  Issue("learner", {now_ - absl::Hours(2), now_ - absl::Hours(1)});
  ExpectRenewal("certificate has expired");
}

TEST_F(CertsTest, NotValidYetMayBeTheClock) {
  Issue("learner", {now_ + absl::Hours(1), now_ + absl::Hours(2)});
  const Finding finding = Check();
  EXPECT_EQ(finding.level, Level::kWrong);
  EXPECT_EQ(finding.found.rfind("is valid from ", 0), 0U) << finding.found;
  EXPECT_EQ(finding.mend.find("certs issue"), std::string::npos) << finding.mend;
}

TEST_F(CertsTest, SoonOver) {
  Issue("learner", ForDays(6));
  EXPECT_EQ(Check().level, Level::kWarning);
  EXPECT_NE(Check().mend.find("drover certs issue"), std::string::npos);
  Issue("learner", ForDays(8));
  EXPECT_EQ(Check().level, Level::kOk);
}

TEST_F(CertsTest, SoonOverAsItsAuthority) {
  const std::string other = directory_.path() + "/other";
  ASSERT_TRUE(InitAuthority(other, ForDays(3)).ok());
  const auto issued = IssueCertificate(other, "actor", {}, ForDays(30));
  ASSERT_TRUE(issued.ok()) << issued.status();
  const Finding finding = CheckCerts(*issued).front();
  EXPECT_EQ(finding.level, Level::kWarning);
  EXPECT_NE(finding.found.find("as its authority"), std::string::npos) << finding.found;
  EXPECT_NE(finding.mend.find("drover certs init"), std::string::npos) << finding.mend;
}

TEST_F(CertsTest, AnothersKey) {
  Issue("actor", ForDays(30));
  ASSERT_TRUE(WriteFile(Learner("key.pem"), *ReadFile(authority_ + "/actor/key.pem")).ok());
  ExpectRenewal("key.pem: the private key is not");
}

TEST_F(CertsTest, AnotherAuthority) {
  const std::string other = directory_.path() + "/other";
  ASSERT_TRUE(InitAuthority(other, ForDays(3)).ok());
  ASSERT_TRUE(WriteFile(Learner("ca.pem"), *ReadFile(other + "/ca.pem")).ok());
  ExpectRenewal("unable to get local issuer certificate");
}

TEST_F(CertsTest, FilesThatLack) {
  ASSERT_TRUE(RemoveAll(Learner("tokens.json")).ok());
  ExpectRenewal("tokens.json");
  ASSERT_TRUE(RemoveAll(Learner("token")).ok());
  ExpectRenewal("token");
}

TEST_F(CertsTest, ATokenThatItDoesNotTakeItself) {
  ASSERT_TRUE(WriteFile(Learner("token"), "0123").ok());
  ExpectRenewal("tokens.json is older than token");
}

TEST_F(CertsTest, SecretsThatOthersRead) {
  for (const char* file : {"key.pem", "token"}) {
    ASSERT_EQ(chmod(Learner(file).c_str(), 0644), 0);
    const Finding finding = Check();
    EXPECT_EQ(finding.level, Level::kWrong);
    EXPECT_EQ(finding.mend, "chmod 600 " + Learner(file));
    ASSERT_EQ(chmod(Learner(file).c_str(), 0600), 0);
  }
  EXPECT_EQ(Check().level, Level::kOk);
}

TEST_F(CertsTest, CopiedFromWhereTheAuthorityIs) {
  const std::string copy = directory_.path() + "/copy";
  ASSERT_TRUE(MakeDirectories(copy).ok());
  ASSERT_TRUE(WriteFile(copy + "/cert.pem", "nothing").ok());
  const Finding finding = CheckCerts(copy).front();
  EXPECT_EQ(finding.level, Level::kWrong);
  EXPECT_NE(finding.mend.find("where the authority is; then copy"), std::string::npos);
}

TEST_F(CertsTest, NoneAtAll) {
  const std::string empty = directory_.path() + "/empty";
  EXPECT_EQ(CheckCerts(empty).front().mend,
            "drover certs init " + empty + " && drover certs issue " + empty);
  ASSERT_TRUE(InitAuthority(empty, ForDays(3)).ok());
  EXPECT_EQ(CheckCerts(empty).front().mend, "drover certs issue " + empty);
}

}  // namespace
}  // namespace drover
