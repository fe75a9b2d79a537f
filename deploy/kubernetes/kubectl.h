#ifndef DROVER_DEPLOY_KUBERNETES_KUBECTL_H_
#define DROVER_DEPLOY_KUBERNETES_KUBECTL_H_

#include <chrono>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace drover {

// kubectl of $PATH, with the context that it is set to, in one namespace. A value.
class Kubectl {
 public:
  explicit Kubectl(std::string name_space);

  const std::string& name_space() const { return namespace_; }

  // The command line with these words.
  std::vector<std::string> Command(const std::vector<std::string>& words) const;

  // Runs it to its end: as CommandOutput (deploy/command.h).
  absl::StatusOr<std::string> Run(const std::vector<std::string>& words,
                                  std::chrono::seconds limit = std::chrono::seconds(30)) const;

 private:
  std::string namespace_;
};

// What it complained of in the end: it says the same thing many times before it says it plainly.
std::string LastLine(const absl::Status& status);

}  // namespace drover

#endif  // DROVER_DEPLOY_KUBERNETES_KUBECTL_H_
