#include "client/sample_stream.h"

#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/stream_status.h"
#include "common/rpc/raw_stream.h"
#include "common/rpc/wire.h"
#include "common/status_macros.h"

namespace drover {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

constexpr char kMethod[] = "/drover.ReplayService/Sample";

grpc::ByteBuffer HeartbeatBytes() {
  SampleMessage message;
  message.mutable_heartbeat();
  return EncodeMessage(message);
}

// A field of SampleAnswer that is a message; false: it is not one.
template <typename Message>
bool ReadMessage(CodedInputStream* in, Message* message) {
  uint32_t size = 0;
  if (!in->ReadVarint32(&size)) return false;
  const CodedInputStream::Limit limit = in->PushLimit(static_cast<int>(size));
  const bool read = message->ParseFromCodedStream(in);
  in->PopLimit(limit);
  return read;
}

uint32_t Tag(int field) {
  return WireFormatLite::MakeTag(field, WireFormatLite::WIRETYPE_LENGTH_DELIMITED);
}

}  // namespace

SampleStream::SampleStream(Options options, Owner* owner)
    : options_(std::move(options)),
      owner_(owner),
      reconnector_(
          absl::StrCat("sample stream of shard ", options_.shard), options_.server,
          [this](const Endpoint& server, const std::function<void()>& works) {
            return Serve(server, works);
          },
          [this](const absl::Status& status) { owner_->OnOver(status); }) {}

SampleStream::~SampleStream() { Stop(); }

void SampleStream::RequestStop() {
  reconnector_.RequestStop();
  MutexLock lock(&mutex_);
  over_ = true;
  if (stream_ != nullptr) stream_->Cancel();
}

void SampleStream::Stop() {
  RequestStop();
  reconnector_.Stop();
}

void SampleStream::Send(const SampleRequest& request) {
  std::shared_ptr<Stream> stream;
  {
    MutexLock lock(&mutex_);
    stream = stream_;
  }
  if (stream == nullptr) return;
  SampleMessage message;
  *message.mutable_request() = request;
  stream->Write(EncodeMessage(message));  // if it fails, so does the other thread's Read
}

// ---- The stream's thread.

grpc::ByteBuffer SampleStream::Hello() const {
  const Identity identity = options_.identity();
  SampleMessage message;
  ReplayHello* hello = message.mutable_hello();
  hello->set_run_id(identity.run_id);
  hello->set_member_id(identity.member_id);
  hello->set_epoch(identity.epoch);
  hello->set_table_version(identity.table_version);
  hello->set_spec_hash(options_.spec_hash);
  hello->set_episodes(episodes_);
  return EncodeMessage(message);
}

absl::Status SampleStream::Serve(const Endpoint& server, const std::function<void()>& works) {
  DROVER_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenBulkChannel(server));
  const auto stream = std::make_shared<Stream>(
      [&channel](grpc::ClientContext* context) {
        return OpenRawStream(channel.get(), kMethod, context);
      },
      HeartbeatBytes(), options_.limits);
  {
    MutexLock lock(&mutex_);
    if (over_) return absl::OkStatus();
    stream_ = stream;
  }
  stream->Write(Hello());  // if it fails, so does the first Read
  absl::Status status = Listen(stream.get(), works);
  if (!status.ok()) stream->Cancel();
  const absl::Status last_word = StreamStatus(stream->Finish());
  if (status.ok()) status = last_word;
  {
    MutexLock lock(&mutex_);
    stream_.reset();
    if (over_) return absl::OkStatus();
  }
  if (std::exchange(welcomed_, false)) owner_->OnDisconnected(options_.shard);
  return status;
}

absl::Status SampleStream::Listen(Stream* stream, const std::function<void()>& works) {
  for (grpc::ByteBuffer bytes; stream->Read(&bytes);) {
    const bool first = !welcomed_;
    DROVER_RETURN_IF_ERROR(Handle(&bytes));
    if (first) works();
  }
  return absl::OkStatus();
}

absl::Status SampleStream::Handle(grpc::ByteBuffer* bytes) {
  const absl::Status nonsense = absl::UnavailableError("replay sent what it may not send");
  grpc::ProtoBufferReader reader(bytes);
  if (!reader.status().ok()) return nonsense;
  CodedInputStream in(&reader);
  const uint32_t tag = in.ReadTag();
  if (tag == Tag(SampleAnswer::kWelcomeFieldNumber) && !welcomed_) {
    SampleWelcome welcome;
    if (!ReadMessage(&in, &welcome)) return nonsense;
    // Another server counts from the start.
    episodes_ = welcome.progress().episodes_total();
    welcomed_ = true;
    owner_->OnConnected(options_.shard, welcome);
    return absl::OkStatus();
  }
  if (tag == Tag(SampleAnswer::kProgressFieldNumber) && welcomed_) {
    ReplayProgress progress;
    if (!ReadMessage(&in, &progress)) return nonsense;
    episodes_ = progress.episodes_total();
    owner_->OnProgress(options_.shard, progress);
    return absl::OkStatus();
  }
  if (tag == Tag(SampleAnswer::kBatchFieldNumber) && welcomed_) {
    SampleBatch head;
    if (!ReadMessage(&in, &head)) return nonsense;
    episodes_ = head.progress().episodes_total();
    const absl::Status status = owner_->OnBatch(options_.shard, head, &in);
    // Not INVALID_ARGUMENT, which would be said of this side's words.
    return status.ok() ? status : absl::UnavailableError(status.message());
  }
  return nonsense;
}

}  // namespace drover
