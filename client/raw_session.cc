#include "client/raw_session.h"

#include "client/stream_status.h"
#include "common/rpc/raw_stream.h"
#include "common/status_macros.h"

namespace drover {

absl::Status RawSession::Serve(const Endpoint& server, const grpc::ByteBuffer& hello,
                               const std::function<absl::Status(grpc::ByteBuffer*)>& handle) {
  DROVER_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenBulkChannel(server));
  const auto stream = std::make_shared<Stream>(
      [&](grpc::ClientContext* context) { return OpenRawStream(channel.get(), method_, context); },
      heartbeat_, limits_);
  {
    MutexLock lock(&mutex_);
    if (over_) return absl::OkStatus();
    stream_ = stream;
    ++connection_;
  }
  stream->Write(hello);  // if it fails, so does the first Read
  absl::Status status;
  for (grpc::ByteBuffer bytes; status.ok() && stream->Read(&bytes);) status = handle(&bytes);
  if (!status.ok()) stream->Cancel();
  const absl::Status last_word = StreamStatus(stream->Finish());
  if (status.ok()) status = last_word;
  MutexLock lock(&mutex_);
  stream_.reset();
  return over_ ? absl::OkStatus() : status;
}

uint64_t RawSession::connection() const {
  MutexLock lock(&mutex_);
  return connection_;
}

void RawSession::Write(uint64_t connection, const grpc::ByteBuffer& message) {
  std::shared_ptr<Stream> stream;
  {
    MutexLock lock(&mutex_);
    if (connection == connection_) stream = stream_;
  }
  if (stream != nullptr) stream->Write(message);
}

void RawSession::Cancel() {
  MutexLock lock(&mutex_);
  over_ = true;
  if (stream_ != nullptr) stream_->Cancel();
}

ReplayHello HelloOf(const Identity& identity, uint64_t spec_hash) {
  ReplayHello hello;
  hello.set_run_id(identity.run_id);
  hello.set_member_id(identity.member_id);
  hello.set_epoch(identity.epoch);
  hello.set_table_version(identity.table_version);
  hello.set_spec_hash(spec_hash);
  return hello;
}

}  // namespace drover
