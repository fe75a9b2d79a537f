#ifndef DROVER_COMMON_RPC_CHANNEL_H_
#define DROVER_COMMON_RPC_CHANNEL_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "proto/coordinator.pb.h"

namespace drover {

enum class ChannelUse {
  kControl,  // small calls: channels to one address share a connection
  kBulk,     // streams of trajectories or weights: a connection of its own
};

// The only place that makes channels. They reconnect by themselves, 0.1–2 s apart; notice a dead
// peer by keepalive; take messages up to kMaxMessageBytes (common/rpc/limits.h); use no HTTP proxy.
// Over TCP they use the process's credentials (common/rpc/credentials.h), if it has any.
//
// It does not wait: a call on a channel whose peer is not there fails with UNAVAILABLE.
// The address is one of common/rpc/address.h. Channels are thread-safe.
std::shared_ptr<grpc::Channel> MakeChannel(const std::string& address, ChannelUse use);

// To the best address of a peer; errors as ChooseAddress.
absl::StatusOr<std::shared_ptr<grpc::Channel>> MakeChannel(const Endpoint& peer, ChannelUse use);

// Gives a connection that is not there time to come about, `patience` at most; for unary calls on a
// channel that is kept. gRPC moves a connection on while somebody waits on it, and calls to a peer
// that was not there a moment ago fail at once: with them alone a TLS handshake would never end.
void AwaitConnection(grpc::Channel* channel, std::chrono::milliseconds patience);

}  // namespace drover

#endif  // DROVER_COMMON_RPC_CHANNEL_H_
