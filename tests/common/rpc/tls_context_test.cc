#include "common/rpc/tls_context.h"

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <chrono>

#include "common/file.h"
#include "deploy/certificates.h"

namespace drover {
namespace {

class TlsContextTest : public ::testing::Test {
 protected:
  // A certificate and a key that were not there before.
  std::string Issue(const std::string& authority) const {
    const std::string path = directory_.path() + "/" + authority;
    EXPECT_TRUE(InitAuthority(path, ForDays(1)).ok());
    EXPECT_TRUE(IssueCertificate(path, "learner", {}, ForDays(1)).ok());
    return path + "/learner";
  }

  static TlsContext Now(WatchedTlsContext* watched) {
    static WatchedTlsContext::Clock::time_point now = WatchedTlsContext::Clock::now();
    now += 2 * WatchedTlsContext::kInterval;
    return *watched->Get(now);
  }

  const TempDirectory directory_ = *TempDirectory::Make();
};

TEST_F(TlsContextTest, IsNoneWhereTheFilesDoNotFit) {
  const std::string one = Issue("one");
  const std::string other = Issue("other");
  const auto make = [](const std::string& certificate, const std::string& key) {
    return WatchTlsContext(certificate, key).status();
  };
  EXPECT_TRUE(make(one + "/cert.pem", one + "/key.pem").ok());
  EXPECT_TRUE(absl::IsInvalidArgument(make(one + "/cert.pem", other + "/key.pem")));
  EXPECT_TRUE(absl::IsInvalidArgument(make(one + "/key.pem", one + "/key.pem")));
  EXPECT_TRUE(absl::IsInvalidArgument(make(one + "/cert.pem", one + "/nothing")));
  EXPECT_TRUE(absl::IsNotFound(make(one + "/nothing", one + "/key.pem")));
}

TEST_F(TlsContextTest, FollowsItsFilesOnceTheyFit) {
  const std::string mine = Issue("mine");
  const std::string next = Issue("next");
  const auto watched = WatchTlsContext(mine + "/cert.pem", mine + "/key.pem");
  ASSERT_TRUE(watched.ok()) << watched.status();
  const TlsContext first = Now(watched->get());
  EXPECT_EQ(Now(watched->get()), first);
  EXPECT_EQ(SSL_CTX_get_min_proto_version(first.get()), TLS1_2_VERSION);
  const auto replace = [&](const std::string& file) {
    ASSERT_TRUE(WriteFile(mine + "/" + file, *ReadFile(next + "/" + file)).ok());
  };
  replace("cert.pem");
  EXPECT_EQ(Now(watched->get()), first) << "the key is still the old one's";
  replace("key.pem");
  const TlsContext second = Now(watched->get());
  EXPECT_NE(second, first);
  EXPECT_EQ(Now(watched->get()), second);
}

}  // namespace
}  // namespace drover
