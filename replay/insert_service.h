#ifndef DROVER_REPLAY_INSERT_SERVICE_H_
#define DROVER_REPLAY_INSERT_SERVICE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "common/clock.h"
#include "common/tally.h"
#include "common/unroll_validator.h"
#include "proto/replay.pb.h"
#include "replay/insert_outbox.h"
#include "replay/replay_streams.h"
#include "replay/store.h"

namespace drover {

// The server's end of the insert streams (proto/replay.proto says what may be
// sent and what is answered): checks what comes, stores each message once and
// acknowledges it. A message that a rate limiter holds back waits here, and its
// stream is not read meanwhile: so each writer has one message in memory, and
// what the connection holds. A member has one stream: a newer one replaces it.
class InsertService final : public ReplayStreams {
 public:
  // `woken` is called, on any thread, with a stream whose message may fit now: Retry(id) has to
  // follow, on a thread that holds no lock. All outlive it.
  InsertService(const Admission* admission, const StreamLimits& limits,
                std::function<void(StreamId)> woken)
      : ReplayStreams("inserts", admission, limits), woken_(std::move(woken)) {}

  // Once; before, streams are refused with UNAVAILABLE.
  void Open(Store* store, uint64_t spec_hash) DROVER_EXCLUDES(mutex_);

  void Retry(StreamId id) DROVER_EXCLUDES(mutex_);

  // From a message's arrival until it is stored, the rate limiter's wait included.
  const Tally& seconds() const { return seconds_; }

 private:
  // A message and what points into it, until it is stored.
  struct Pending {
    const double received = MonotonicSeconds();
    InsertRequest request;
    Insertion insertion;
    Store::Ticket ticket;
    bool parked = false;  // waits for Retry
    bool woken = false;   // before it was parked
  };

  struct Writer final : Stream {
    uint32_t environments = 0;
    size_t max_message_bytes = 0;
    std::shared_ptr<Pending> pending;
    InsertOutbox outbox;
    bool drained = false;  // it was told
  };

  std::unique_ptr<Stream> NewStream() const override { return std::make_unique<Writer>(); }
  std::optional<absl::Status> Handle(StreamId id, grpc::ByteBuffer* bytes) override;
  void Written(Stream* stream) override DROVER_REQUIRES(mutex_) { Flush(Cast(stream)); }
  void Greeted(Stream* stream) override DROVER_REQUIRES(mutex_);
  void Ended(Stream* stream) override DROVER_REQUIRES(mutex_);
  void Ticked(Stream* stream, bool heartbeat) override DROVER_REQUIRES(mutex_);
  bool MayRead(const Stream& stream) const override DROVER_REQUIRES(mutex_);

  absl::Status HandleHello(StreamId id, const ReplayHello& hello) DROVER_EXCLUDES(mutex_);
  std::optional<absl::Status> HandleInsert(StreamId id, InsertRequest* request)
      DROVER_EXCLUDES(mutex_);
  // Stores it; nothing: it waits for Retry. By one thread at a time for each stream.
  std::optional<absl::Status> TryStore(StreamId id, const std::shared_ptr<Pending>& pending)
      DROVER_EXCLUDES(mutex_);
  absl::Status Point(InsertRequest* request, Insertion* insertion) const;

  static Writer* Cast(Stream* stream) { return static_cast<Writer*>(stream); }
  Writer* FindWriter(StreamId id) const DROVER_REQUIRES(mutex_) { return Cast(Find(id)); }
  static void Drain(Writer* writer);
  void Flush(Writer* writer) DROVER_REQUIRES(mutex_);

  const std::function<void(StreamId)> woken_;
  Tally seconds_{SecondsBounds()};

  // Set by Open(), before there is a stream; then only read.
  Store* store_ = nullptr;
  std::optional<UnrollValidator> validator_;
};

}  // namespace drover

#endif  // DROVER_REPLAY_INSERT_SERVICE_H_
