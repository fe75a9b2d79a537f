#include "common/tensor_codec.h"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/dtype.h"
#include "common/status_macros.h"

namespace drover {
namespace {

// A float is NaN or infinite if all bits of its exponent are set. No branch and no early end
// within a block: the compiler makes it vector instructions.
template <typename Bits>
bool ExponentsBelow(absl::string_view bytes, Bits exponent) {
  constexpr size_t kBlock = 1024;
  const size_t count = bytes.size() / sizeof(Bits);
  for (size_t begin = 0; begin < count; begin += kBlock) {
    const size_t end = std::min(count, begin + kBlock);
    Bits bad = 0;
    for (size_t i = begin; i < end; ++i) {
      Bits bits;
      std::memcpy(&bits, bytes.data() + i * sizeof(Bits), sizeof(Bits));
      bad |= static_cast<Bits>((bits & exponent) == exponent);
    }
    if (bad != 0) return false;
  }
  return true;
}

}  // namespace

Tensor EncodeTensor(DType::Kind dtype, absl::Span<const int64_t> shape, const void* data) {
  const absl::StatusOr<size_t> bytes = ByteCount(dtype, shape);
  DROVER_CHECK(bytes.ok()) << bytes.status();
  Tensor tensor;
  tensor.set_dtype(dtype);
  tensor.mutable_shape()->Add(shape.begin(), shape.end());
  tensor.set_data(data, *bytes);
  return tensor;
}

absl::Status CheckTensor(const Tensor& tensor) {
  DROVER_ASSIGN_OR_RETURN(const size_t bytes, ByteCount(tensor.dtype(), tensor.shape()));
  if (bytes == tensor.data().size()) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("a tensor of ", DTypeName(tensor.dtype()), " ",
                                                 ShapeName(tensor.shape()), " needs ", bytes,
                                                 " bytes, it has ", tensor.data().size()));
}

absl::Status DecodeTensor(const Tensor& tensor, DType::Kind dtype, absl::Span<const int64_t> shape,
                          void* data) {
  DROVER_RETURN_IF_ERROR(CheckTensor(tensor));
  if (tensor.dtype() != dtype || absl::Span<const int64_t>(tensor.shape()) != shape) {
    return absl::InvalidArgumentError(
        absl::StrCat("expected ", DTypeName(dtype), " ", ShapeName(shape), ", it is ",
                     DTypeName(tensor.dtype()), " ", ShapeName(tensor.shape())));
  }
  if (!tensor.data().empty()) std::memcpy(data, tensor.data().data(), tensor.data().size());
  return absl::OkStatus();
}

bool AllFinite(DType::Kind dtype, absl::string_view bytes) {
  switch (dtype) {
    case DType::float32:
      return ExponentsBelow<uint32_t>(bytes, 0x7f800000);
    case DType::float64:
      return ExponentsBelow<uint64_t>(bytes, 0x7ff0000000000000);
    default:
      return true;
  }
}

}  // namespace drover
