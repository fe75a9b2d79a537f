#ifndef DROVER_TESTS_DEPLOY_DOCTOR_PEERS_H_
#define DROVER_TESTS_DEPLOY_DOCTOR_PEERS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/rpc/credentials.h"
#include "common/rpc/server.h"
#include "common/rpc/server_time.h"
#include "deploy/certificates.h"
#include "gtest/gtest.h"
#include "proto/coordinator.grpc.pb.h"

// Servers for the doctor to call.
namespace drover {

// A coordinator whose clock is `ahead`, and that says this of its run.
class ClockedCoordinator final : public Coordinator::CallbackService {
 public:
  explicit ClockedCoordinator(absl::Duration ahead = absl::ZeroDuration(), StatusReply status = {})
      : ahead_(ahead), status_(std::move(status)) {}

  grpc::ServerUnaryReactor* Status(grpc::CallbackServerContext* context, const StatusRequest*,
                                   StatusReply* reply) override {
    *reply = status_;
    reply->set_run_id("run");
    TellTime(context, absl::Now() + ahead_);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  const absl::Duration ahead_;
  const StatusReply status_;
};

// This process is from now on what the directory says; "": has no certificate.
inline void Become(const std::string& directory) {
  if (directory.empty()) return SetProcessCredentials(nullptr);
  const auto credentials = Credentials::Load(directory);
  ASSERT_TRUE(credentials.ok()) << credentials.status();
  SetProcessCredentials(*credentials);
}

// A server on loopback, of who has this directory.
inline std::unique_ptr<RpcServer> ServeAs(const std::string& directory, grpc::Service* service) {
  Become(directory);
  ServerOptions options;
  options.addresses = {"127.0.0.1:0"};
  auto server = RpcServer::Start(options, {service});
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

// A role's directory of an authority, which is made if need be.
inline std::string Issue(const std::string& authority, const std::string& role,
                         const Validity& validity = ForDays(30)) {
  InitAuthority(authority, ForDays(30)).IgnoreError();  // it may be there
  const auto path = IssueCertificate(authority, role, {}, validity);
  EXPECT_TRUE(path.ok()) << path.status();
  return path.value_or("");
}

}  // namespace drover

#endif  // DROVER_TESTS_DEPLOY_DOCTOR_PEERS_H_
