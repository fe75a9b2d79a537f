#ifndef DROVER_TESTS_SUPPORT_STREAM_CLIENT_H_
#define DROVER_TESTS_SUPPORT_STREAM_CLIENT_H_

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "common/rpc/raw_stream.h"
#include "common/rpc/wire.h"

namespace drover::testing {

// A client of one bidirectional stream that sends whatever it is told to,
// well formed or not. Every call blocks, for at most a minute.
class StreamClient {
 public:
  // `method`: e.g. "/drover.TrajectoryService/Stream".
  StreamClient(const std::shared_ptr<grpc::Channel>& channel, const char* method)
      : rpc_(Open(channel, method)) {}

  bool SendBytes(const std::string& bytes) {
    grpc::Slice slice(bytes);
    return rpc_->Write(grpc::ByteBuffer(&slice, 1));
  }
  bool Send(const google::protobuf::MessageLite& message) {
    return rpc_->Write(EncodeMessage(message));
  }
  void SendNoMore() { rpc_->WritesDone(); }
  void Cancel() { context_.TryCancel(); }

  // The next message; nothing if the stream is over.
  template <typename Message>
  std::optional<Message> Read() {
    grpc::ByteBuffer bytes;
    if (!rpc_->Read(&bytes)) return std::nullopt;
    Message message;
    EXPECT_TRUE(DecodeMessage(&bytes, &message));
    return message;
  }

  // Reads until the stream is over; the server's last word.
  grpc::Status Finish() {
    grpc::ByteBuffer ignored;
    while (rpc_->Read(&ignored)) {
    }
    return rpc_->Finish();
  }

 private:
  std::unique_ptr<RawStream> Open(const std::shared_ptr<grpc::Channel>& channel,
                                  const char* method) {
    context_.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    return OpenRawStream(channel.get(), method, &context_);
  }

  grpc::ClientContext context_;
  const std::unique_ptr<RawStream> rpc_;
};

}  // namespace drover::testing

#endif  // DROVER_TESTS_SUPPORT_STREAM_CLIENT_H_
