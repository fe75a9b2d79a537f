#ifndef DROVER_AGENT_MODEL_PARAMETERS_H_
#define DROVER_AGENT_MODEL_PARAMETERS_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace drover {

struct ParameterSpec {
  std::string name;  // unique in the model, e.g. "policy.0.weight"
  std::vector<int64_t> shape;
};

void Append(std::vector<ParameterSpec> more, std::vector<ParameterSpec>* specs);

// All parameters of a model in one flat tensor, their gradients in another;
// layers are views of it. So optimiser, norm, NaN check, copy and publishing
// are one operation each, whatever the number of layers.
//
// Owned by a Model. Invariant: each view is a leaf of autograd that shares
// memory with values(), and its gradient shares memory with gradient(); so a
// backward pass adds into gradient(). Not thread-safe.
class Parameters {
 public:
  // All zero, float32 on `device`, in the order of `specs`.
  Parameters(std::vector<ParameterSpec> specs, at::Device device);

  const at::Tensor& values() const { return values_; }      // [P] float32, no gradient
  const at::Tensor& gradient() const { return gradient_; }  // [P] float32

  // The view called `name`; it must exist.
  const at::Tensor& Get(const std::string& name) const;

  // Name and view of each parameter, in order.
  std::vector<std::pair<std::string, at::Tensor>> Named() const;

  // Number of elements of the first `count` parameters, and a hash of their
  // names and shapes: the same in every process that builds the same model.
  int64_t SizeOfFirst(size_t count) const;
  uint64_t LayoutHashOfFirst(size_t count) const;

 private:
  std::vector<ParameterSpec> specs_;
  at::Tensor values_;
  at::Tensor gradient_;
  std::vector<at::Tensor> views_;
};

}  // namespace drover

#endif  // DROVER_AGENT_MODEL_PARAMETERS_H_
