#include "client/sample_stream.h"

#include <google/protobuf/wire_format_lite.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/rpc/wire.h"

namespace drover {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

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
      session_("/drover.ReplayService/Sample", HeartbeatBytes(), options_.limits),
      reconnector_(
          absl::StrCat("sample stream of shard ", options_.shard), options_.server,
          [this](const Endpoint& server, const std::function<void()>& works) {
            return Serve(server, works);
          },
          [this](const absl::Status& status) { owner_->OnOver(status); }) {}

SampleStream::~SampleStream() { Stop(); }

void SampleStream::RequestStop() {
  reconnector_.RequestStop();
  session_.Cancel();
}

void SampleStream::Stop() {
  RequestStop();
  reconnector_.Stop();
}

void SampleStream::Send(const SampleRequest& request) {
  SampleMessage message;
  *message.mutable_request() = request;
  session_.Write(connection_, EncodeMessage(message));
}

// ---- The stream's thread.

grpc::ByteBuffer SampleStream::Hello() const {
  SampleMessage message;
  *message.mutable_hello() = HelloOf(options_.identity(), options_.spec_hash);
  message.mutable_hello()->set_episodes(episodes_);
  return EncodeMessage(message);
}

absl::Status SampleStream::Serve(const Endpoint& server, const std::function<void()>& works) {
  const absl::Status status = session_.Serve(server, Hello(), [&](grpc::ByteBuffer* bytes) {
    const bool first = connection_ == 0;
    const absl::Status handled = Handle(bytes);
    if (first && handled.ok()) works();
    return handled;
  });
  if (connection_.exchange(0) > 0 && !status.ok()) owner_->OnDisconnected(options_.shard);
  return status;
}

absl::Status SampleStream::Handle(grpc::ByteBuffer* bytes) {
  const absl::Status nonsense = absl::UnavailableError("replay sent what it may not send");
  grpc::ProtoBufferReader reader(bytes);
  if (!reader.status().ok()) return nonsense;
  CodedInputStream in(&reader);
  const uint32_t tag = in.ReadTag();
  if (tag == Tag(SampleAnswer::kWelcomeFieldNumber) && connection_ == 0) {
    SampleWelcome welcome;
    if (!ReadMessage(&in, &welcome)) return nonsense;
    // Another server counts from the start.
    episodes_ = welcome.progress().episodes_total();
    connection_ = session_.connection();
    owner_->OnConnected(options_.shard, welcome);
    return absl::OkStatus();
  }
  if (tag == Tag(SampleAnswer::kProgressFieldNumber) && connection_ > 0) {
    ReplayProgress progress;
    if (!ReadMessage(&in, &progress)) return nonsense;
    episodes_ = progress.episodes_total();
    owner_->OnProgress(options_.shard, progress);
    return absl::OkStatus();
  }
  if (tag == Tag(SampleAnswer::kBatchFieldNumber) && connection_ > 0) {
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
