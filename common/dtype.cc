#include "common/dtype.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"

namespace drover {
namespace {

absl::Status TooLarge(absl::Span<const int64_t> shape) {
  return absl::InvalidArgumentError(absl::StrCat("shape ", ShapeName(shape), " is too large"));
}

}  // namespace

size_t DTypeSize(DType::Kind dtype) {
  switch (dtype) {
    case DType::float32:
    case DType::int32:
      return 4;
    case DType::float64:
    case DType::int64:
      return 8;
    case DType::uint8:
      return 1;
    default:
      return 0;
  }
}

std::string DTypeName(DType::Kind dtype) {
  const std::string& name = DType::Kind_Name(dtype);
  return name.empty() ? absl::StrCat("dtype ", static_cast<int>(dtype)) : name;
}

std::string ShapeName(absl::Span<const int64_t> shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

absl::StatusOr<int64_t> ElementCount(absl::Span<const int64_t> shape) {
  int64_t product = 1;
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("shape ", ShapeName(shape), " has a negative size"));
    }
    empty = empty || size == 0;
    if (__builtin_mul_overflow(product, std::max<int64_t>(size, 1), &product)) {
      return TooLarge(shape);
    }
  }
  return empty ? 0 : product;
}

absl::StatusOr<size_t> ByteCount(DType::Kind dtype, absl::Span<const int64_t> shape) {
  const size_t element = DTypeSize(dtype);
  if (element == 0) {
    return absl::InvalidArgumentError(absl::StrCat(DTypeName(dtype), " is no dtype of a tensor"));
  }
  DROVER_ASSIGN_OR_RETURN(const int64_t elements, ElementCount(shape));
  int64_t bytes = 0;
  if (__builtin_mul_overflow(elements, static_cast<int64_t>(element), &bytes)) {
    return TooLarge(shape);
  }
  return static_cast<size_t>(bytes);
}

}  // namespace drover
