#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include "common/rpc/refusals.h"
#include "gtest/gtest.h"

namespace drover {
namespace {

// How gRPC 1.51 words them; tls_test sees that it does.
constexpr char kHandshake[] =
    "Handshake failed with fatal error SSL_ERROR_SSL: error:0A00010B:SSL routines::wrong version "
    "number.";

TEST(GrpcLogTest, TellsLinesApart) {
  EXPECT_EQ(ClassOf(kHandshake), GrpcLine::kHandshake);
  EXPECT_EQ(
      ClassOf("TlsServerSecurityConnector::cancel_check_peer error: UNKNOWN:Handshake timed out"),
      GrpcLine::kHandshake);
  EXPECT_EQ(ClassOf("No match found for server name: 127.0.0.1."), GrpcLine::kNoise);
  EXPECT_EQ(ClassOf("Handshake failed with fatal error SSL_ERROR_SSL: error:0A000086:SSL "
                    "routines::certificate verify failed."),
            GrpcLine::kNoise);
  EXPECT_EQ(ClassOf("Invalid private key."), GrpcLine::kWarning);
}

TEST(GrpcLogTest, CountsHandshakesAndLogsTheRest) {
  gpr_set_log_verbosity(GPR_LOG_SEVERITY_ERROR);  // as grpc_init does
  AdoptGrpcLog();
  AdoptGrpcLog();
  const uint64_t before = Refusals::OfProcess().total();
  ::testing::internal::CaptureStdout();
  gpr_log(GPR_ERROR, "%s", kHandshake);
  EXPECT_EQ(Refusals::OfProcess().total(), before + 1);
  gpr_log(GPR_ERROR, "Invalid private key.");
  gpr_log(GPR_ERROR, "No match found for server name: x.");
  const std::string log = ::testing::internal::GetCapturedStdout();
  EXPECT_NE(log.find("gRPC: Invalid private key."), std::string::npos) << log;
  EXPECT_EQ(log.find("No match"), std::string::npos) << log;
  EXPECT_EQ(Refusals::OfProcess().total(), before + 1);
}

}  // namespace
}  // namespace drover
