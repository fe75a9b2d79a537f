#ifndef DROVER_DEPLOY_KUBERNETES_PORT_FORWARD_H_
#define DROVER_DEPLOY_KUBERNETES_PORT_FORWARD_H_

#include <chrono>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "common/process.h"
#include "deploy/kubernetes/kubectl.h"

namespace drover {

// A port of this host's loopback that leads to a pod's: `kubectl port-forward`, which dies with
// this process, however that does. It leads to one pod of its target and goes nowhere once that is
// gone, which it does not notice: Close() it then. Not thread-safe.
class PortForward {
 public:
  // `target`: "deployment/name". `log_path`: what kubectl says.
  PortForward(Kubectl kubectl, std::string target, int port, std::string log_path);

  // "127.0.0.1:41763"; starts it where it does not run. UNAVAILABLE: not yet, try again.
  absl::StatusOr<std::string> Address();

  void Close() { process_.reset(); }

 private:
  using Clock = std::chrono::steady_clock;

  absl::Status Start();

  const Kubectl kubectl_;
  const std::string target_;
  const int port_;
  const std::string log_path_;
  std::optional<Process> process_;
  Clock::time_point next_start_;
};

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_PORT_FORWARD_H_
