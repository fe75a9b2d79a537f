#include "deploy/doctor/tls_probe.h"

#include <csignal>

#include "common/certificate.h"
#include "common/file.h"
#include "deploy/doctor/connect.h"
#include "gtest/gtest.h"
#include "tests/deploy/doctor/peers.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kLimit{60000};

TEST(TlsProbeTest, WhatAServerShows) {
  std::signal(SIGPIPE, SIG_IGN);
  const TempDirectory directory = *TempDirectory::Make();
  const std::string certs = Issue(directory.path() + "/certs", "learner");
  ClockedCoordinator service;
  const auto guarded = ServeAs(certs, &service);
  const auto connection = Connect(guarded->addresses()[0], kLimit);
  ASSERT_TRUE(connection.ok()) << connection.status();
  const TlsProbe probe = ProbeTls(connection->get());
  EXPECT_TRUE(probe.grpc);
  const auto shown = ReadCertificate(probe.certificates);
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->fingerprint, ReadCertificate(*ReadFile(certs + "/cert.pem"))->fingerprint);

  ClockedCoordinator another;
  const auto open = ServeAs("", &another);
  EXPECT_EQ(ProbeTls(Connect(open->addresses()[0], kLimit)->get()).certificates, "");
}

}  // namespace
}  // namespace drover
