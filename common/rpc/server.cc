#include "common/rpc/server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server_builder.h>

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/check.h"
#include "common/rpc/address.h"
#include "common/rpc/credentials.h"
#include "common/rpc/grpc_log.h"
#include "common/status_macros.h"

namespace drover {
namespace {

absl::Status CheckListen(const std::string& address, bool guarded) {
  DROVER_RETURN_IF_ERROR(CheckAddress(address));
  if (guarded || IsLocalAddress(address)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", address, "\" is open to other hosts, and nothing would check who connects; ",
      "allowed: unix:/path, 127.0.0.1:port, or any address with --certs or --insecure"));
}

void SetLimits(const ServerLimits& limits, grpc::ServerBuilder* builder) {
  builder->SetMaxReceiveMessageSize(kMaxMessageBytes);
  builder->SetMaxSendMessageSize(kMaxMessageBytes);
  builder->AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams);
  builder->AddChannelArgument(GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS,
                              static_cast<int>(limits.handshake.count()));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(kKeepalive.count()));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS,
                              static_cast<int>(kKeepaliveTimeout.count()));
  builder->AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // Peers that probe faster than channels do are disconnected.
  builder->AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                              static_cast<int>(kKeepalive.count() / 2));
}

bool IsSocket(const std::string& address) { return absl::StartsWith(address, "unix:"); }

// Of all TCP addresses.
absl::StatusOr<std::shared_ptr<grpc::ServerCredentials>> TcpCredentials() {
  const std::shared_ptr<const Credentials> credentials = ProcessCredentials();
  if (credentials != nullptr) return credentials->server();
  return grpc::InsecureServerCredentials();
}

using GrpcAcceptor = grpc::experimental::ExternalConnectionAcceptor;

// Hands connections on to gRPC, for as long as that serves.
Acceptor::Take HandTo(std::shared_ptr<GrpcAcceptor> grpc) {
  return [grpc = std::move(grpc)](int listener, UniqueFd connection) {
    GrpcAcceptor::NewConnectionParameters parameters;
    parameters.listener_fd = listener;
    parameters.fd = connection.Release();
    grpc->HandleNewConnection(&parameters);
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<RpcServer>> RpcServer::Start(
    const ServerOptions& options, const std::vector<grpc::Service*>& services) {
  DROVER_CHECK(!options.addresses.empty());
  AdoptGrpcLog();
  const bool guarded = options.insecure || ProcessCredentials() != nullptr;
  grpc::ServerBuilder builder;
  SetLimits(options.limits, &builder);
  std::unique_ptr<RpcServer> server(new RpcServer);
  std::vector<Acceptor::Take> takers;
  for (std::string address : options.addresses) {
    DROVER_RETURN_IF_ERROR(CheckListen(address, guarded));
    if (IsSocket(address)) {
      builder.AddListeningPort(address, grpc::InsecureServerCredentials());
    } else {
      DROVER_ASSIGN_OR_RETURN(auto credentials, TcpCredentials());
      DROVER_ASSIGN_OR_RETURN(auto acceptor, Acceptor::Listen(address));
      takers.push_back(HandTo(builder.experimental().AddExternalConnectionAcceptor(
          grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials)));
      address = absl::StrCat(address.substr(0, address.rfind(':') + 1), acceptor->port());
      server->acceptors_.push_back(std::move(acceptor));
    }
    server->addresses_.push_back(std::move(address));
  }
  for (grpc::Service* service : services) builder.RegisterService(service);
  server->server_ = builder.BuildAndStart();
  if (server->server_ == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot listen on ",
                                               absl::StrJoin(options.addresses, ", "),
                                               ": in use, or not an address of this host"));
  }
  for (size_t i = 0; i < takers.size(); ++i) {
    server->acceptors_[i]->Start(
        {options.limits.connection_burst, options.limits.connections_per_second},
        std::move(takers[i]));
  }
  return server;
}

void RpcServer::Shutdown(std::chrono::milliseconds grace) {
  if (server_ == nullptr) return;
  acceptors_.clear();
  server_->Shutdown(std::chrono::system_clock::now() + grace);
  server_->Wait();
  server_.reset();
}

}  // namespace drover
