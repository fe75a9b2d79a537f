#ifndef DROVER_COMMON_DTYPE_H_
#define DROVER_COMMON_DTYPE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "proto/tensor.pb.h"

// Sizes and names of tensors' element types. Values may come from a peer: unknown ones are no bug.
namespace drover {

// Bytes of one element; 0: unspecified or unknown.
size_t DTypeSize(DType::Kind dtype);

// "float32", …; "dtype 17" where unknown.
std::string DTypeName(DType::Kind dtype);

// e.g. "[20, 4]"; "[]" for a scalar.
std::string ShapeName(absl::Span<const int64_t> shape);

// product(shape), 1 for a scalar. INVALID_ARGUMENT: a negative size, or the product (zeros left
// out, so that no order of multiplication overflows) does not fit 63 bits.
absl::StatusOr<int64_t> ElementCount(absl::Span<const int64_t> shape);

// Bytes of a dense tensor. INVALID_ARGUMENT: as ElementCount, or an unknown dtype.
absl::StatusOr<size_t> ByteCount(DType::Kind dtype, absl::Span<const int64_t> shape);

}  // namespace drover

#endif  // DROVER_COMMON_DTYPE_H_
