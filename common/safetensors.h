#ifndef DROVER_COMMON_SAFETENSORS_H_
#define DROVER_COMMON_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/tensor.pb.h"

// Files of named arrays that Python's `safetensors` reads as they are:
// 8 bytes header size, a JSON header of names, dtypes, shapes and offsets, then the arrays' bytes.
namespace drover {

struct NamedArray {
  std::string name;
  DType::Kind dtype;
  std::vector<int64_t> shape;
  absl::string_view data;  // dense, row-major, little-endian; someone else's
};

// Replaces the file at `path`, atomically (WriteFile). Arrays have different names, none is
// "__metadata__", and data that fits dtype and shape; names and metadata are UTF-8. Wider types
// come first in the file, so that each array is aligned.
absl::Status WriteSafetensors(const std::string& path, const std::vector<NamedArray>& arrays,
                              const std::map<std::string, std::string>& metadata = {});

// A file in memory. Reading trusts nothing: any bytes give an error or a valid file.
class SafetensorsFile {
 public:
  // Errors of ReadFile, and INVALID_ARGUMENT with the path.
  static absl::StatusOr<SafetensorsFile> Read(const std::string& path);
  // INVALID_ARGUMENT: no valid file, or a dtype that proto/tensor.proto has not.
  static absl::StatusOr<SafetensorsFile> Parse(std::string contents);

  // In the order of their bytes. Their data lives as long as this object.
  const std::vector<NamedArray>& arrays() const { return arrays_; }
  // Null: there is none of that name.
  const NamedArray* Find(absl::string_view name) const;
  const std::map<std::string, std::string>& metadata() const { return metadata_; }

 private:
  SafetensorsFile() = default;

  std::unique_ptr<const std::string> contents_;
  std::vector<NamedArray> arrays_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace drover

#endif  // DROVER_COMMON_SAFETENSORS_H_
