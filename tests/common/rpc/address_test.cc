#include "common/rpc/address.h"

#include <string>
#include <vector>

#include "common/file.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

Endpoint MakeEndpoint(const std::string& host_id, const std::vector<std::string>& addresses) {
  Endpoint endpoint;
  endpoint.set_host_id(host_id);
  for (const std::string& address : addresses) endpoint.add_addresses(address);
  return endpoint;
}

class AddressTest : public ::testing::Test {
 protected:
  AddressTest() { EXPECT_EQ(WriteFile(directory_.path() + "/socket", ""), absl::OkStatus()); }

  TempDirectory directory_ = *TempDirectory::Make();
  const std::string socket_ = "unix:" + directory_.path() + "/socket";
};

TEST_F(AddressTest, ThisHostHasAnId) {
  EXPECT_EQ(HostId().size(), 36U);  // a UUID
  EXPECT_EQ(HostId(), HostId());
  const Endpoint endpoint = LocalEndpoint({"unix:/a", "h:1"});
  EXPECT_EQ(endpoint.host_id(), HostId());
  EXPECT_EQ(endpoint.addresses_size(), 2);
}

TEST_F(AddressTest, WhoListensEverywhereIsReachedSomewhere) {
  for (const char* everywhere : {"0.0.0.0:5", "[::]:5"}) {
    const Endpoint endpoint = LocalEndpoint({everywhere});
    ASSERT_GT(endpoint.addresses_size(), 0);
    for (const std::string& address : endpoint.addresses()) {
      EXPECT_NE(address, everywhere);
      EXPECT_EQ(CheckAddress(address), absl::OkStatus());
      EXPECT_EQ(address.substr(address.size() - 2), ":5");
    }
  }
}

TEST_F(AddressTest, OnOneHostTheSocket) {
  EXPECT_EQ(*ChooseAddress(MakeEndpoint("h", {"127.0.0.1:5", socket_}), "h"), socket_);
  EXPECT_EQ(*ChooseAddress(LocalEndpoint({"127.0.0.1:5", socket_})), socket_);
}

TEST_F(AddressTest, NotASocketThatIsNotHere) {
  const std::string elsewhere = "unix:" + directory_.path() + "/none";
  EXPECT_EQ(*ChooseAddress(MakeEndpoint("h", {elsewhere, "127.0.0.1:5"}), "h"), "127.0.0.1:5");
}

TEST_F(AddressTest, FromAnotherHostTheFirstThatIsOpenToIt) {
  EXPECT_EQ(*ChooseAddress(MakeEndpoint("h", {socket_, "localhost:1", "[::1]:2", "127.9.9.9:3",
                                              "node:4", "other:5"}),
                           "elsewhere"),
            "node:4");
}

TEST_F(AddressTest, NothingToReach) {
  EXPECT_EQ(ChooseAddress(MakeEndpoint("h", {socket_, "127.0.0.1:5"}), "elsewhere").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(ChooseAddress(MakeEndpoint("h", {}), "h").ok());
  EXPECT_FALSE(ChooseAddress(MakeEndpoint("h", {"nonsense", "unix:"}), "h").ok());
}

TEST_F(AddressTest, KnowsWhatIsLocal) {
  for (const char* address :
       {"unix:/x", "127.0.0.1:80", "127.1.2.3:0", "localhost:80", "[::1]:80"}) {
    EXPECT_TRUE(IsLocalAddress(address)) << address;
  }
  for (const char* address : {"0.0.0.0:80", "[::]:80", "10.0.0.1:80", "node7:80", "127.evil.com:80",
                              "localhost.evil.com:80", "", ":80", "1127.0.0.1:80"}) {
    EXPECT_FALSE(IsLocalAddress(address)) << address;
  }
}

TEST_F(AddressTest, ChecksTheForm) {
  const std::string longest = "unix:/" + std::string(106, 'x');
  for (const std::string& address : {std::string("unix:/x"), longest, std::string("h:0"),
                                     std::string("h:65535"), std::string("[::]:1")}) {
    EXPECT_EQ(CheckAddress(address), absl::OkStatus()) << address;
  }
  for (const std::string& address :
       {std::string(), std::string("unix:"), longest + "x", std::string("h"), std::string(":1"),
        std::string("h:"), std::string("h:x"), std::string("h:-1"), std::string("h:65536"),
        std::string("::1:5"), std::string("[::1:5")}) {
    EXPECT_EQ(CheckAddress(address).code(), absl::StatusCode::kInvalidArgument) << address;
  }
  EXPECT_EQ(CheckAddress("h:x").message(),
            "\"h:x\" is no address: no port of 0 … 65535; "
            "allowed: unix:/path, host:port, [IPv6]:port");
}

}  // namespace
}  // namespace drover
