// What the doctor says of a peer on another host, and of the network between them.

#include "tests/support/hosts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <memory>

#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

class DoctorHostsTest : public ClusterTest {
 protected:
  // `drover doctor` on host 1, of who should be at an address.
  std::string Doctor(const Hosts& hosts, const std::string& address, int exit_code) const {
    const Finished doctor =
        RunProgram(hosts.On(1, Drover({"doctor", "--certs", certs_, "--peer", address})));
    EXPECT_EQ(doctor.exit.code, exit_code) << doctor.out << doctor.err;
    return doctor.out;
  }

  const std::string certs_ = directory_.path() + "/certs";
};

TEST_F(DoctorHostsTest, AnOpenWayAFirewallAndNoWay) {
  if (const std::string why = Hosts::Lacks(); !why.empty()) {
    std::cout << "DROVER-SKIPPED: " << why << std::endl;
    GTEST_SKIP() << why;
  }
  const Hosts hosts(2);
  for (const char* command : {"init", "issue"}) {
    ASSERT_TRUE(RunProgram(Drover({"certs", command, certs_})).exit.ok());
  }
  const std::string address = hosts.Ip(0) + ":7000";
  const Program coordinator(
      hosts.On(0, Drover({"coordinator", "--run_dir", run_dir(), "--config",
                          Runfile("configs/catch_impala.textproto"), "--certs", certs_, "--listen",
                          address, "--listen", "unix:" + directory_.path() + "/coordinator"})));
  ASSERT_TRUE(WaitFor([&] { return Status().is_object(); })) << coordinator.Stderr();

  const std::string well = Doctor(hosts, address, 0);
  EXPECT_THAT(well, HasSubstr("answers"));
  EXPECT_THAT(well, HasSubstr("clock of peer"));
  EXPECT_THAT(well, HasSubstr("role admin, until "));

  const Finished closed = RunProgram(
      hosts.On(0, {"sh", "-c",
                   "PATH=$PATH:/usr/sbin:/sbin; set -e; nft 'add table inet firewall'; "
                   "nft 'add chain inet firewall input { type filter hook input priority 0; }'; "
                   "nft 'add rule inet firewall input tcp dport 7000 drop'"}));
  ASSERT_TRUE(closed.exit.ok()) << closed.err;
  const std::string firewall = Doctor(hosts, address, 1);
  EXPECT_THAT(firewall, HasSubstr("Connection timed out"));
  EXPECT_THAT(firewall, HasSubstr("--dport 7000 -j ACCEPT"));

  const std::string nowhere = Doctor(hosts, "192.0.2.1:7000", 1);
  EXPECT_THAT(nowhere, HasSubstr("Network is unreachable"));
  EXPECT_THAT(nowhere, HasSubstr("ip route get"));
}

}  // namespace
}  // namespace drover
