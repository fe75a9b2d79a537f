#include "agent/device.h"

#include <ATen/Context.h>
#include <dlfcn.h>

#include "absl/strings/str_cat.h"

namespace drover {

absl::StatusOr<at::Device> OpenDevice(const std::string& name) {
  if (name == "cpu") return at::Device(at::kCPU);
  if (name != "cuda") {
    return absl::InvalidArgumentError(
        absl::StrCat("device is \"", name, "\"; allowed is cpu, cuda"));
  }
  if (dlopen("libtorch_cuda.so", RTLD_NOW | RTLD_GLOBAL) == nullptr) {
    return absl::FailedPreconditionError(
        absl::StrCat("device: \"cuda\" needs LibTorch's CUDA library: ", dlerror()));
  }
  if (!at::globalContext().hasCUDA()) {
    return absl::FailedPreconditionError("device: \"cuda\", but this machine has no CUDA device");
  }
  return at::Device(at::kCUDA);
}

}  // namespace drover
