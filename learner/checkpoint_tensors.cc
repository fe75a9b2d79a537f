#include "learner/checkpoint_tensors.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/from_blob.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/check.h"
#include "common/dtype.h"
#include "common/status_macros.h"

namespace drover {
namespace {

DType::Kind ToDType(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return DType::float32;
    case at::kDouble:
      return DType::float64;
    case at::kInt:
      return DType::int32;
    case at::kLong:
      return DType::int64;
    case at::kByte:
      return DType::uint8;
    default:
      DROVER_CHECK(false) << "a checkpoint has no " << at::toString(type);
      return DType::unspecified;
  }
}

at::ScalarType ToScalarType(DType::Kind dtype) {
  switch (dtype) {
    case DType::float32:
      return at::kFloat;
    case DType::float64:
      return at::kDouble;
    case DType::int32:
      return at::kInt;
    case DType::int64:
      return at::kLong;
    default:
      return at::kByte;
  }
}

// A view of the array's memory, which must not be written.
at::Tensor View(const NamedArray& array) {
  return at::from_blob(const_cast<char*>(array.data.data()), array.shape,
                       at::TensorOptions(ToScalarType(array.dtype)));
}

absl::Status CheckFits(const SafetensorsFile& file, const std::string& name,
                       const at::Tensor& target) {
  const NamedArray* array = file.Find(name);
  if (array == nullptr) return absl::InvalidArgumentError(absl::StrCat("no array ", name));
  const std::vector<int64_t> shape = target.sizes().vec();
  const DType::Kind dtype = ToDType(target.scalar_type());
  if (array->shape == shape && array->dtype == dtype) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("array ", name, " is ", DTypeName(array->dtype),
                                                 " ", ShapeName(array->shape), ", not ",
                                                 DTypeName(dtype), " ", ShapeName(shape)));
}

}  // namespace

HostArrays ToArrays(const NamedTensors& tensors) {
  HostArrays host;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor values = tensor.detach().cpu().contiguous();
    const absl::string_view bytes(static_cast<const char*>(values.const_data_ptr()),
                                  values.nbytes());
    host.arrays.push_back({name, ToDType(values.scalar_type()), values.sizes().vec(), bytes});
    host.tensors.push_back(values);
  }
  return host;
}

NamedTensors ToTensors(const SafetensorsFile& file) {
  NamedTensors tensors;
  for (const NamedArray& array : file.arrays()) {
    tensors.emplace_back(array.name, View(array).clone());
  }
  return tensors;
}

absl::Status CopyInto(const SafetensorsFile& file, const NamedTensors& targets) {
  for (const auto& [name, target] : targets) {
    DROVER_RETURN_IF_ERROR(CheckFits(file, name, target));
  }
  if (file.arrays().size() != targets.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file.arrays().size(), " arrays, not ", targets.size()));
  }
  const at::NoGradGuard no_grad;
  for (const auto& [name, target] : targets) target.copy_(View(*file.Find(name)));
  return absl::OkStatus();
}

absl::Status LoadCheckpointWeights(const Checkpoint& checkpoint, Model* model) {
  const absl::Status status = CopyInto(checkpoint.weights, model->parameters().Named());
  if (status.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("the weights of ", checkpoint.path,
                                                 " do not fit this model: ", status.message()));
}

absl::Status LoadCheckpointWeights(const std::string& directory, Model* model) {
  DROVER_ASSIGN_OR_RETURN(const Checkpoint checkpoint, ReadCheckpoint(directory));
  return LoadCheckpointWeights(checkpoint, model);
}

}  // namespace drover
