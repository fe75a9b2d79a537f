#ifndef DROVER_COMMON_RPC_AUTHORIZER_H_
#define DROVER_COMMON_RPC_AUTHORIZER_H_

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/server_context.h>

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "common/rpc/refusals.h"
#include "common/rpc/tokens.h"
#include "common/watched_file.h"
#include "proto/coordinator.pb.h"

namespace drover {

// Decides about each call that comes over TLS, by what the connection and the call's metadata say,
// before a byte of its messages is read: its token must be that of the role in the certificate
// (UNAUTHENTICATED), and the role one that may call the method (PERMISSION_DENIED). Refusals are
// counted. On gRPC's threads.
class Authorizer final : public grpc::AuthMetadataProcessor {
 public:
  explicit Authorizer(std::shared_ptr<WatchedFile<TokenTable>> tokens)
      : tokens_(std::move(tokens)) {}

  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* context,
                       OutputMetadata* consumed, OutputMetadata* response) override;

 private:
  const std::shared_ptr<WatchedFile<TokenTable>> tokens_;
};

// The role in the peer's certificate; "" where it came without one: over a socket, or without TLS.
std::string CertifiedRole(const grpc::AuthContext& context);

// PERMISSION_DENIED, and counted: the caller's certificate is of a role that may not be such a
// member of the run.
absl::Status CheckMember(const grpc::CallbackServerContext& context, Role::Kind member);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_AUTHORIZER_H_
