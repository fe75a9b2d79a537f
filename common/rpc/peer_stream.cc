#include "common/rpc/peer_stream.h"

#include <grpcpp/server_context.h>

namespace drover {

PeerStream::PeerStream(Owner* owner, uint64_t id, grpc::CallbackServerContext* context,
                       const StreamLimits& limits)
    : owner_(owner),
      id_(id),
      context_(context),
      limits_(limits),
      last_read_(Clock::now()),
      last_write_(last_read_) {}

void PeerStream::ReadNext() {
  MutexLock lock(&mutex_);
  if (!finished_) StartRead(&incoming_);
}

void PeerStream::Touch() {
  MutexLock lock(&mutex_);
  last_read_ = Clock::now();
}

bool PeerStream::Write(const grpc::ByteBuffer& message) {
  MutexLock lock(&mutex_);
  if (writing_ || closed_) return false;
  writing_ = true;
  outgoing_ = message;
  StartWrite(&outgoing_);
  return true;
}

void PeerStream::Close(const grpc::Status& status) {
  MutexLock lock(&mutex_);
  if (closed_) return;
  closed_ = true;
  closed_at_ = Clock::now();
  final_status_ = status;
  FinishIfReady();
}

bool PeerStream::closed() const {
  MutexLock lock(&mutex_);
  return closed_;
}

void PeerStream::FinishIfReady() {
  if (!closed_ || writing_ || finished_) return;
  finished_ = true;
  Finish(final_status_);
}

PeerStream::Due PeerStream::Tick(Clock::time_point now) {
  MutexLock lock(&mutex_);
  if (closed_) {
    // Its last write waits for a peer that does not read.
    if (!finished_ && now - closed_at_ > limits_.silence) context_->TryCancel();
    return Due::kNothing;
  }
  if (now - last_read_ > limits_.silence) return Due::kClose;
  return !writing_ && now - last_write_ >= limits_.heartbeat ? Due::kHeartbeat : Due::kNothing;
}

void PeerStream::OnReadDone(bool ok) {
  if (!ok) {
    owner_->OnPeerFinished(this);
    return;
  }
  {
    MutexLock lock(&mutex_);
    last_read_ = Clock::now();
    if (closed_) return;
  }
  owner_->OnMessage(this, &incoming_);
}

void PeerStream::OnWriteDone(bool ok) {
  {
    MutexLock lock(&mutex_);
    writing_ = false;
    last_write_ = Clock::now();
    outgoing_.Clear();
    FinishIfReady();
    if (closed_ || !ok) return;  // a failed write is followed by OnPeerFinished or OnCancel
  }
  owner_->OnWritable(this);
}

void PeerStream::OnCancel() { owner_->OnPeerFinished(this); }

void PeerStream::OnDone() {
  owner_->OnGone(this);
  delete this;
}

}  // namespace drover
