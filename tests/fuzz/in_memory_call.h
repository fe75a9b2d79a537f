#ifndef DROVER_TESTS_FUZZ_IN_MEMORY_CALL_H_
#define DROVER_TESTS_FUZZ_IN_MEMORY_CALL_H_

#include <grpcpp/server_context.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/server_callback.h>

#include <optional>
#include <utility>

#include "absl/strings/string_view.h"

// gRPC's end of a server's calls, so that the real handlers run without a server, on one thread.
// These classes are gRPC's own interfaces for that.
namespace drover::fuzz {

inline grpc::ByteBuffer ToBuffer(absl::string_view bytes) {
  const grpc::Slice slice(bytes.data(), bytes.size());
  return {&slice, 1};
}

// A bidirectional stream of raw messages. The peer reads all that it is sent.
class InMemoryStream final
    : public grpc::ServerCallbackReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  using Reactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

  ~InMemoryStream() override { HangUp(); }

  // `open`: the service's handler.
  template <typename Open>
  void Call(const Open& open) {
    reactor_ = open(&context_);
    BindReactor(reactor_);
    Settle();
  }

  // A message of the peer; lost where the handler does not read.
  void Send(absl::string_view bytes) {
    if (incoming_ == nullptr) return;
    *std::exchange(incoming_, nullptr) = ToBuffer(bytes);
    reactor_->OnReadDone(true);
  }

  // The peer says that it sends no more; its connection breaks where nobody listens for that.
  void HangUp() {
    if (reactor_ == nullptr) return;
    if (incoming_ != nullptr) {
      incoming_ = nullptr;
      reactor_->OnReadDone(false);
    } else {
      reactor_->OnCancel();
    }
    Settle();
  }

  // Reports what the handler started meanwhile: gRPC never does from within the start.
  void Settle() {
    while (reactor_ != nullptr && (writing_ || finished_)) {
      if (writing_) {
        writing_ = false;
        reactor_->OnWriteDone(true);
      } else if (incoming_ != nullptr) {
        incoming_ = nullptr;
        reactor_->OnReadDone(false);
      } else {
        std::exchange(reactor_, nullptr)->OnDone();
      }
    }
  }

  bool over() const { return reactor_ == nullptr; }

 private:
  void Finish(grpc::Status) override { finished_ = true; }
  void SendInitialMetadata() override {}
  void Read(grpc::ByteBuffer* message) override { incoming_ = message; }
  void Write(const grpc::ByteBuffer*, grpc::WriteOptions) override { writing_ = true; }
  void WriteAndFinish(const grpc::ByteBuffer*, grpc::WriteOptions, grpc::Status) override {}
  grpc::internal::ServerReactor* reactor() override { return reactor_; }
  void CallOnDone() override {}

  grpc::CallbackServerContext context_;
  Reactor* reactor_ = nullptr;            // null: over
  grpc::ByteBuffer* incoming_ = nullptr;  // where the handler wants its next message
  bool writing_ = false;
  bool finished_ = false;
};

// The answer to a call with one request.
template <typename Message>
class InMemoryWriter final : public grpc::ServerCallbackWriter<Message> {
 public:
  ~InMemoryWriter() override {
    if (reactor_ != nullptr) reactor_->OnCancel();
    Settle();
  }

  template <typename Open>
  void Call(const Open& open) {
    reactor_ = open(&context_);
    this->BindReactor(reactor_);
    Settle();
  }

  void Settle() {
    while (reactor_ != nullptr && (writing_ || status_)) {
      if (writing_) {
        writing_ = false;
        reactor_->OnWriteDone(true);
      } else {
        std::exchange(reactor_, nullptr)->OnDone();
      }
    }
  }

  // Absent: it is open.
  const std::optional<grpc::Status>& status() const { return status_; }

 private:
  void Finish(grpc::Status status) override { status_ = std::move(status); }
  void SendInitialMetadata() override {}
  void Write(const Message*, grpc::WriteOptions) override { writing_ = true; }
  void WriteAndFinish(const Message*, grpc::WriteOptions, grpc::Status) override {}
  grpc::internal::ServerReactor* reactor() override { return reactor_; }
  void CallOnDone() override {}

  grpc::CallbackServerContext context_;
  grpc::ServerWriteReactor<Message>* reactor_ = nullptr;  // null: over
  bool writing_ = false;
  std::optional<grpc::Status> status_;
};

}  // namespace drover::fuzz

#endif  // DROVER_TESTS_FUZZ_IN_MEMORY_CALL_H_
