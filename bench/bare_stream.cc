#include "bench/bare_stream.h"

#include <grpcpp/client_context.h>
#include <grpcpp/support/byte_buffer.h>

#include <string>

#include "common/clock.h"
#include "common/rpc/channel.h"
#include "common/rpc/raw_stream.h"
#include "common/status_macros.h"
#include "proto/weights.grpc.pb.h"

namespace drover {
namespace {

constexpr size_t kMessageBytes = size_t{1} << 20;
constexpr double kWarmup = 0.3;  // seconds
constexpr char kMethod[] = "/drover.WeightsService/Subscribe";

using ServerReactor = grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>;

class Flood final : public ServerReactor {
 public:
  explicit Flood(const grpc::ByteBuffer* message) : message_(message) { StartWrite(message_); }

 private:
  void OnWriteDone(bool ok) override {
    if (ok) {
      StartWrite(message_);
    } else {
      Finish(grpc::Status::OK);
    }
  }
  void OnDone() override { delete this; }

  const grpc::ByteBuffer* const message_;
};

}  // namespace

// It borrows the weights' method, of which only the name matters to raw messages.
class BareStreamServer::Service final
    : public WeightsService::WithRawCallbackMethod_Subscribe<WeightsService::Service> {
 public:
  Service() {
    grpc::Slice slice(std::string(kMessageBytes, 'x'));
    message_ = grpc::ByteBuffer(&slice, 1);
  }
  ServerReactor* Subscribe(grpc::CallbackServerContext* /*context*/) override {
    return new Flood(&message_);
  }

 private:
  grpc::ByteBuffer message_;
};

BareStreamServer::BareStreamServer() : service_(std::make_unique<Service>()) {}

BareStreamServer::~BareStreamServer() {
  if (server_ != nullptr) server_->Shutdown(std::chrono::milliseconds(0));
}

absl::StatusOr<std::unique_ptr<BareStreamServer>> BareStreamServer::Start(
    const std::string& address) {
  std::unique_ptr<BareStreamServer> server(new BareStreamServer);
  DROVER_ASSIGN_OR_RETURN(server->server_, RpcServer::Start({{address}}, {server->service_.get()}));
  return server;
}

absl::StatusOr<double> MeasureBareStream(const std::string& address, double seconds) {
  const auto channel = MakeChannel(address, ChannelUse::kBulk);
  grpc::ClientContext context;
  const std::unique_ptr<RawStream> rpc = OpenRawStream(channel.get(), kMethod, &context);
  const double begin = MonotonicSeconds() + kWarmup;
  double first = 0;
  uint64_t bytes = 0;
  for (grpc::ByteBuffer message; rpc->Read(&message);) {
    const double now = MonotonicSeconds();
    if (first > 0) bytes += message.Length();
    if (first == 0 && now >= begin) first = now;
    if (first > 0 && now >= first + seconds) {
      context.TryCancel();
      return static_cast<double>(bytes) / (now - first);
    }
  }
  return absl::UnavailableError("the bare stream broke");
}

}  // namespace drover
