#ifndef DROVER_COMMON_RPC_PEER_STREAM_H_
#define DROVER_COMMON_RPC_PEER_STREAM_H_

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>
#include <grpcpp/support/status.h>

#include <chrono>
#include <cstdint>

#include "common/mutex.h"

namespace drover {

struct StreamLimits {
  std::chrono::milliseconds heartbeat{2000};  // send something at least so often
  std::chrono::milliseconds silence{10000};   // a peer that sends nothing for so long is closed
};

// The server's end of one bidirectional stream: what trajectories, weights and replay
// have in common. It moves raw messages, one write at a time, and knows when
// the peer fell silent; what messages mean is its owner's business.
//
// Thread-safe and never blocks. An owner may call it with its own lock held;
// it calls its owner without a lock. It deletes itself after Owner::OnGone.
class PeerStream final : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  using Clock = std::chrono::steady_clock;

  // Called on gRPC's threads, one call at a time for each of the three kinds.
  class Owner {
   public:
    virtual ~Owner() = default;
    // A message came. The next comes after ReadNext().
    virtual void OnMessage(PeerStream* stream, grpc::ByteBuffer* message) = 0;
    // A write is done, another may start.
    virtual void OnWritable(PeerStream* stream) = 0;
    // The peer sends no more, or its connection broke: Close() what is left.
    virtual void OnPeerFinished(PeerStream* stream) = 0;
    // The stream is over; the pointer ends with this call.
    virtual void OnGone(PeerStream* stream) = 0;
  };

  // Starts to read with the first ReadNext(). `owner` outlives it; `id` is its owner's name for it.
  PeerStream(Owner* owner, uint64_t id, grpc::CallbackServerContext* context,
             const StreamLimits& limits);

  uint64_t id() const { return id_; }

  void ReadNext();
  // The owner reads no further for now: it is not the peer that is silent.
  void Touch();
  // False: nothing was sent, because a write is under way or the stream is closed.
  bool Write(const grpc::ByteBuffer& message);
  // Ends the stream; the first status counts. A write under way is finished
  // first, unless the peer does not take it.
  void Close(const grpc::Status& status);
  bool closed() const;

  // What the time asks for: nothing, a heartbeat, or to close a peer that fell silent.
  enum class Due { kNothing, kHeartbeat, kClose };
  Due Tick(Clock::time_point now);

 private:
  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;
  void FinishIfReady() DROVER_REQUIRES(mutex_);

  Owner* const owner_;
  const uint64_t id_;
  grpc::CallbackServerContext* const context_;
  const StreamLimits limits_;
  grpc::ByteBuffer incoming_;  // written by gRPC between ReadNext() and OnMessage()

  mutable Mutex mutex_;
  grpc::ByteBuffer outgoing_ DROVER_GUARDED_BY(mutex_);  // lives until its write is done
  grpc::Status final_status_ DROVER_GUARDED_BY(mutex_);
  Clock::time_point last_read_ DROVER_GUARDED_BY(mutex_);
  Clock::time_point last_write_ DROVER_GUARDED_BY(mutex_);
  Clock::time_point closed_at_ DROVER_GUARDED_BY(mutex_);
  bool writing_ DROVER_GUARDED_BY(mutex_) = false;
  bool closed_ DROVER_GUARDED_BY(mutex_) = false;
  bool finished_ DROVER_GUARDED_BY(mutex_) = false;  // Finish() was called: start nothing more
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_PEER_STREAM_H_
