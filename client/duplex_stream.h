#ifndef DROVER_CLIENT_DUPLEX_STREAM_H_
#define DROVER_CLIENT_DUPLEX_STREAM_H_

#include <grpcpp/client_context.h>
#include <grpcpp/support/sync_stream.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "client/pulse.h"
#include "common/mutex.h"

namespace drover {

// The client's end of one bidirectional stream: one thread reads, any may
// write, a heartbeat goes out when nobody writes, and a server that falls
// silent ends it. Every call may block until the stream breaks or Cancel().
template <typename Request, typename Response>
class DuplexStream {
 public:
  using Rpc = grpc::ClientReaderWriter<Request, Response>;

  // `open` starts the call, e.g. [&](auto* c) { return stub->Stream(c); }.
  DuplexStream(const std::function<std::unique_ptr<Rpc>(grpc::ClientContext*)>& open,
               const Request& heartbeat, const PulseLimits& limits)
      : heartbeat_(heartbeat),
        rpc_(Open(open)),
        pulse_(
            limits, [this] { Beat(); }, [this] { context_.TryCancel(); }) {}

  // False: the stream is over, Finish() says why. One thread.
  bool Read(Response* message) {
    if (!rpc_->Read(message)) return false;
    pulse_.Received();
    return true;
  }

  // False: the stream is over. No heartbeat precedes the first message.
  bool Write(const Request& message) DROVER_EXCLUDES(mutex_) {
    pulse_.Sent();  // a heartbeat in the middle of a long write would only queue up behind it
    MutexLock lock(&mutex_);
    open_ = rpc_->Write(message);
    pulse_.Sent();
    return open_;
  }

  // Ends it from any thread; the others' calls return.
  void Cancel() { context_.TryCancel(); }

  // The server's last word. Only by the reading thread after Read() gave false, and once.
  grpc::Status Finish() { return rpc_->Finish(); }

 private:
  // Nothing is sent before the first message, so that the constructor does not wait for a
  // connection.
  std::unique_ptr<Rpc> Open(const std::function<std::unique_ptr<Rpc>(grpc::ClientContext*)>& open) {
    context_.set_initial_metadata_corked(true);
    return open(&context_);
  }

  void Beat() DROVER_EXCLUDES(mutex_) {
    if (!mutex_.TryLock()) return;  // someone writes: that is a sign of life as well
    if (open_) open_ = rpc_->Write(heartbeat_);
    mutex_.Unlock();
    pulse_.Sent();
  }

  const Request heartbeat_;
  grpc::ClientContext context_;
  const std::unique_ptr<Rpc> rpc_;
  Mutex mutex_;                                  // one write at a time
  bool open_ DROVER_GUARDED_BY(mutex_) = false;  // the first message is out and no write has failed
  Pulse pulse_;                                  // last: its thread uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_DUPLEX_STREAM_H_
