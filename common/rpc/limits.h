#ifndef DROVER_COMMON_RPC_LIMITS_H_
#define DROVER_COMMON_RPC_LIMITS_H_

#include <chrono>

// What both ends of a connection must agree on.
namespace drover {

// The largest message, in bytes, that either end takes; a larger one is RESOURCE_EXHAUSTED.
constexpr int kMaxMessageBytes = 64 << 20;

// A silent connection is probed so often, and given up when the probe has no answer for so long.
constexpr std::chrono::milliseconds kKeepalive{10000};
constexpr std::chrono::milliseconds kKeepaliveTimeout{5000};

// Calls at once over one connection; more wait at the client.
constexpr int kMaxStreams = 1024;

// A server closes a connection that has not said what it must by then.
constexpr std::chrono::milliseconds kHandshakeTimeout{5000};

// How many connections one address may make in a moment, and how many a second from then on: ample
// for a host full of actors.
constexpr double kConnectionBurst = 2048;
constexpr double kConnectionsPerSecond = 100;

// A connection that takes longer to make is tried anew. Ample: a busy host may need long.
constexpr std::chrono::milliseconds kConnectTimeout{5000};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_LIMITS_H_
