#ifndef DROVER_CLIENT_RAW_SESSION_H_
#define DROVER_CLIENT_RAW_SESSION_H_

#include <grpcpp/support/byte_buffer.h>

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "client/duplex_stream.h"
#include "client/identity.h"
#include "client/pulse.h"
#include "common/mutex.h"
#include "proto/replay.pb.h"

namespace drover {

// One connection after the other to a service of raw messages: what the streams
// of replay's clients have in common. A reconnector's thread calls Serve, any
// thread writes.
class RawSession {
 public:
  // `method`: e.g. "/drover.ReplayService/Insert".
  RawSession(const char* method, const grpc::ByteBuffer& heartbeat, const PulseLimits& limits)
      : method_(method), heartbeat_(heartbeat), limits_(limits) {}

  // Serves one connection: sends `hello`, then hands over what comes until the stream is over or
  // `handle` gives an error. Why it is over; OK: Cancel() was called.
  absl::Status Serve(const Endpoint& server, const grpc::ByteBuffer& hello,
                     const std::function<absl::Status(grpc::ByteBuffer*)>& handle)
      DROVER_EXCLUDES(mutex_);

  // Which connection it is: 1, 2, …
  uint64_t connection() const DROVER_EXCLUDES(mutex_);
  // Sends on that connection, if it is the one there is; may block. What is not sent is lost with
  // its connection, of which Serve tells.
  void Write(uint64_t connection, const grpc::ByteBuffer& message) DROVER_EXCLUDES(mutex_);

  void Cancel() DROVER_EXCLUDES(mutex_);  // for good; does not wait

 private:
  using Stream = DuplexStream<grpc::ByteBuffer, grpc::ByteBuffer>;

  const char* const method_;
  const grpc::ByteBuffer heartbeat_;
  const PulseLimits limits_;
  mutable Mutex mutex_;
  std::shared_ptr<Stream> stream_ DROVER_GUARDED_BY(mutex_);  // null between connections
  uint64_t connection_ DROVER_GUARDED_BY(mutex_) = 0;
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
};

// How a client introduces itself, each time it connects.
ReplayHello HelloOf(const Identity& identity, uint64_t spec_hash);

}  // namespace drover

#endif  // DROVER_CLIENT_RAW_SESSION_H_
