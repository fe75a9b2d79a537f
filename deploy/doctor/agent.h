#ifndef DROVER_DEPLOY_DOCTOR_AGENT_H_
#define DROVER_DEPLOY_DOCTOR_AGENT_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "deploy/doctor/finding.h"

// What LibTorch has to compute with, which drover-agent alone can tell.
namespace drover {

// As `drover-agent devices` says.
struct Devices {
  std::string libtorch;  // its version
  uint32_t gpus = 0;     // that can be used
  std::string why_none;  // where there are none
};

// Runs it. NOT_FOUND: it is not there; ABORTED: it does not start, with what the system says.
absl::StatusOr<Devices> AskAgent(const std::string& drover_agent);

Finding CheckLibTorch(const std::string& drover_agent, const absl::StatusOr<Devices>& devices);

// Whether there are as many as are `asked` for; `driver`: whether NVIDIA's is loaded.
Finding CheckGpus(const std::string& drover_agent, const Devices& devices, uint32_t asked,
                  bool driver);

}  // namespace drover

#endif  // DROVER_DEPLOY_DOCTOR_AGENT_H_
