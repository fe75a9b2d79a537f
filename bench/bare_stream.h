#ifndef DROVER_BENCH_BARE_STREAM_H_
#define DROVER_BENCH_BARE_STREAM_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "common/rpc/server.h"

// What gRPC alone makes of this machine: a stream of messages of 1 MiB that nobody looks at.
namespace drover {

// Sends such messages to every client that connects, as fast as it takes them.
class BareStreamServer {
 public:
  static absl::StatusOr<std::unique_ptr<BareStreamServer>> Start(const std::string& address);
  ~BareStreamServer();

  const std::string& address() const { return server_->addresses().front(); }

 private:
  class Service;

  BareStreamServer();
  std::unique_ptr<Service> service_;
  std::unique_ptr<RpcServer> server_;  // last: it uses the service
};

// Bytes a second that this process receives from such a server, over `seconds` after a warm-up.
absl::StatusOr<double> MeasureBareStream(const std::string& address, double seconds);

}  // namespace drover

#endif  // DROVER_BENCH_BARE_STREAM_H_
