#include "deploy/doctor/connect.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/rpc/acceptor.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

using absl::StatusCode;
using std::chrono::milliseconds;

constexpr milliseconds kLimit{60000};

StatusCode Code(const std::string& address, milliseconds limit = kLimit) {
  return Connect(address, limit).status().code();
}

TEST(ConnectTest, Parts) {
  const auto parts = [](const std::string& address) {
    const AddressParts its = PartsOf(address);
    return its.host + "|" + its.port;
  };
  EXPECT_EQ(parts("node7:80"), "node7|80");
  EXPECT_EQ(parts("[::1]:80"), "::1|80");
  EXPECT_EQ(parts("unix:/a:b"), "|/a:b");
}

TEST(ConnectTest, WhereSomebodyListens) {
  auto acceptor = Acceptor::Listen("127.0.0.1:0");
  ASSERT_TRUE(acceptor.ok());
  const std::string port = absl::StrCat((*acceptor)->port());
  EXPECT_EQ(Code("127.0.0.1:" + port), StatusCode::kOk);
  EXPECT_EQ(Code("localhost:" + port), StatusCode::kOk);
  acceptor->reset();
  EXPECT_EQ(Code("127.0.0.1:" + port), StatusCode::kUnavailable);
}

TEST(ConnectTest, WhereThereIsNothing) {
  const TempDirectory directory = *TempDirectory::Make();
  EXPECT_EQ(Code("no..host:80"), StatusCode::kNotFound);
  EXPECT_EQ(Code("unix:" + directory.path() + "/none"), StatusCode::kNotFound);
}

// As a firewall that drops what comes: the kernel does where the queue is full.
TEST(ConnectTest, WhereNobodyAnswers) {
  const UniqueFd listener(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* const its = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(listener.get(), its, size), 0);
  ASSERT_EQ(listen(listener.get(), 0), 0);
  ASSERT_EQ(getsockname(listener.get(), its, &size), 0);
  const std::string where = absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
  std::vector<UniqueFd> waiting;
  absl::StatusOr<UniqueFd> next = Connect(where, kLimit);
  for (; next.ok() && waiting.size() < 8; next = Connect(where, milliseconds(200))) {
    waiting.push_back(*std::move(next));
  }
  EXPECT_EQ(next.status().code(), StatusCode::kDeadlineExceeded);
}

}  // namespace
}  // namespace drover
