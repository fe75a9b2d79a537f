#ifndef DROVER_COMMON_TENSOR_CODEC_H_
#define DROVER_COMMON_TENSOR_CODEC_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/tensor.pb.h"

// Between memory and the tensors of proto/tensor.proto. Memory is dense and row-major; like the
// wire's, its numbers are little-endian.
namespace drover {

// Copies the tensor at `data`; its dtype and shape are our own and valid.
Tensor EncodeTensor(DType::Kind dtype, absl::Span<const int64_t> shape, const void* data);

// INVALID_ARGUMENT, with what is wrong, unless a peer's tensor keeps its invariant: a known dtype,
// a shape without negative sizes, and exactly as many bytes as they need.
absl::Status CheckTensor(const Tensor& tensor);

// Copies a peer's tensor to `data`, which has room for the dtype and shape that it must have.
// INVALID_ARGUMENT, and nothing is copied: it has others, or breaks its invariant.
absl::Status DecodeTensor(const Tensor& tensor, DType::Kind dtype, absl::Span<const int64_t> shape,
                          void* data);

// Whether none of the numbers is NaN or infinite; true for integers. `bytes` are whole numbers of
// the dtype, at any alignment. About as fast as memory can be read.
bool AllFinite(DType::Kind dtype, absl::string_view bytes);

}  // namespace drover

#endif  // DROVER_COMMON_TENSOR_CODEC_H_
