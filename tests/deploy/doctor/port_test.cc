#include "deploy/doctor/port.h"

#include <unistd.h>

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/rpc/acceptor.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using Level = Finding::Level;

TEST(PortTest, ThatIsFree) {
  for (const char* address : {"127.0.0.1:0", "[::1]:0", "localhost:0"}) {
    EXPECT_EQ(CheckPort("--listen", address, false).level, Level::kOk) << address;
  }
}

TEST(PortTest, ThatIsTakenSaysByWhom) {
  for (const char* host : {"127.0.0.1", "[::1]"}) {
    const auto taken = Acceptor::Listen(absl::StrCat(host, ":0"));
    ASSERT_TRUE(taken.ok()) << taken.status();
    const std::string address = absl::StrCat(host, ":", (*taken)->port());
    const Finding finding = CheckPort("--listen", address, false);
    EXPECT_EQ(finding.level, Level::kWrong);
    EXPECT_EQ(finding.what, "--listen " + address);
    EXPECT_EQ(finding.found, absl::StrCat("taken by process ", getpid(), " (port_test)"));
    const std::string mend = absl::StrCat("kill ", getpid(), "; or --listen ", host, ":");
    ASSERT_EQ(finding.mend.rfind(mend, 0), 0U) << finding.mend;
    const std::string other = absl::StrCat(host, ":", finding.mend.substr(mend.size()));
    EXPECT_NE(other, address);
    EXPECT_EQ(CheckPort("--listen", other, false).level, Level::kOk) << other;
  }
}

TEST(PortTest, NotOfThisHost) {
  // Whatever listens at that port of an address that is.
  const auto acceptor = Acceptor::Listen("127.0.0.1:0");
  ASSERT_TRUE(acceptor.ok());
  const std::string port = absl::StrCat(":", (*acceptor)->port());
  const Finding finding = CheckPort("--http", "192.0.2.1" + port, true);
  EXPECT_EQ(finding.level, Level::kWrong);
  EXPECT_NE(finding.found.find("Cannot assign requested address"), std::string::npos)
      << finding.found;
  EXPECT_NE(finding.mend.find("--http 0.0.0.0" + port), std::string::npos) << finding.mend;
}

TEST(PortTest, OpenToOthersOnlyWithCertificates) {
  const Finding finding = CheckPort("--listen", "0.0.0.0:0", false);
  EXPECT_EQ(finding.level, Level::kWrong);
  EXPECT_NE(finding.mend.find("drover certs init"), std::string::npos) << finding.mend;
  EXPECT_EQ(CheckPort("--listen", "0.0.0.0:0", true).level, Level::kOk);
}

TEST(PortTest, ADashboardMayMove) {
  const auto taken = Acceptor::Listen("127.0.0.1:8080");  // by this test, or by somebody else
  const Finding finding = CheckAutoPort();
  EXPECT_EQ(finding.level, Level::kOk);
  EXPECT_NE(finding.found.find(": the dashboard takes another port"), std::string::npos)
      << finding.found;
}

TEST(PortTest, ASocketNeedsItsDirectoryAlone) {
  const TempDirectory directory = *TempDirectory::Make();
  const std::string address = absl::StrCat("unix:", directory.path(), "/a/socket");
  const Finding nowhere = CheckPort("--listen", address, false);
  EXPECT_EQ(nowhere.level, Level::kWrong);
  EXPECT_EQ(nowhere.mend, absl::StrCat("mkdir -p ", directory.path(), "/a"));
  ASSERT_TRUE(MakeDirectories(directory.path() + "/a").ok());
  EXPECT_EQ(CheckPort("--listen", address, false).level, Level::kOk);
}

}  // namespace
}  // namespace drover
