#ifndef DROVER_AGENT_DEVICE_H_
#define DROVER_AGENT_DEVICE_H_

#include <c10/core/Device.h>

#include <string>

#include "absl/status/statusor.h"

namespace drover {

// The device that Experiment.device names: "cpu" or "cuda". LibTorch's CUDA
// half is loaded here, when "cuda" asks for it, so that the CPU program runs
// without. FAILED_PRECONDITION where there is no CUDA library or device.
absl::StatusOr<at::Device> OpenDevice(const std::string& name);

}  // namespace drover

#endif  // DROVER_AGENT_DEVICE_H_
