#ifndef DROVER_CLIENT_SAMPLE_STREAM_H_
#define DROVER_CLIENT_SAMPLE_STREAM_H_

#include <google/protobuf/io/coded_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "client/identity.h"
#include "client/pulse.h"
#include "client/raw_session.h"
#include "client/reconnector.h"
#include "proto/replay.pb.h"

namespace drover {

// The learner's connection to one replay server: requests go out, batches come
// in. It reconnects by itself; requests of a connection that broke are void.
class SampleStream {
 public:
  // Called on the stream's own thread, without a lock, one at a time. Not after Stop().
  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void OnConnected(size_t shard, const SampleWelcome& welcome) = 0;
    virtual void OnDisconnected(size_t shard) = 0;
    virtual void OnProgress(size_t shard, const ReplayProgress& progress) = 0;
    // `columns` is what follows in the message: SampleAnswer.columns with their tags. Not OK: the
    // server sent nonsense, and the connection is broken.
    virtual absl::Status OnBatch(size_t shard, const SampleBatch& head,
                                 google::protobuf::io::CodedInputStream* columns) = 0;
    // The end for good: the server will never serve this learner, and says why.
    virtual void OnOver(const absl::Status& status) = 0;
  };

  struct Options {
    size_t shard = 0;
    IdentityFn identity;
    PeerFn server;
    uint64_t spec_hash = 0;
    PulseLimits limits;
  };

  SampleStream(Options options,
               Owner* owner);  // starts to connect; `owner` outlives it
  ~SampleStream();             // as Stop()
  SampleStream(const SampleStream&) = delete;
  SampleStream& operator=(const SampleStream&) = delete;

  // Any thread. Without a connection it does nothing: OnDisconnected was or will be called.
  void Send(const SampleRequest& request);

  void RequestStop();  // does not wait
  void Stop();

 private:
  absl::Status Serve(const Endpoint& server, const std::function<void()>& works);
  grpc::ByteBuffer Hello() const;
  absl::Status Handle(grpc::ByteBuffer* bytes);

  const Options options_;
  Owner* const owner_;
  uint64_t episodes_ = 0;  // of the stream's thread: heard of

  std::atomic<uint64_t> connection_{0};  // that was welcomed; 0: none
  RawSession session_;

  Reconnector reconnector_;  // last: its thread uses all of the above
};

}  // namespace drover

#endif  // DROVER_CLIENT_SAMPLE_STREAM_H_
