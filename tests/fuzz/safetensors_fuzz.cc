// Files of named arrays (common/safetensors.h).

#include <cstring>

#include "common/check.h"
#include "common/dtype.h"
#include "common/file.h"
#include "common/safetensors.h"
#include "tests/fuzz/fuzz_target.h"

namespace drover::fuzz {
namespace {

std::string Encode(const std::vector<NamedArray>& arrays,
                   const std::map<std::string, std::string>& metadata) {
  const auto directory = TempDirectory::Make();
  const std::string path = directory->path() + "/seed";
  DROVER_CHECK(WriteSafetensors(path, arrays, metadata).ok());
  return *ReadFile(path);
}

}  // namespace

bool Run(absl::string_view input) {
  const auto file = SafetensorsFile::Parse(std::string(input));
  if (!file.ok()) return false;
  size_t sum = 0;  // every byte that is handed out can be read, and belongs to one array
  volatile char last = 0;
  for (const NamedArray& array : file->arrays()) {
    const auto bytes = ByteCount(array.dtype, array.shape);
    DROVER_CHECK(bytes.ok() && *bytes == array.data.size());
    DROVER_CHECK(file->Find(array.name) == &array);
    for (const char byte : array.data) last = byte;
    sum += array.data.size();
  }
  static_cast<void>(last);
  DROVER_CHECK(sum <= input.size());
  return true;
}

std::vector<std::string> Seeds() {
  const std::string bytes(48, '\x3f');
  const absl::string_view data = bytes;
  return {
      Encode({}, {}),
      Encode({{"a", DType::float32, {3, 4}, data}}, {{"format", "pt"}}),
      Encode({{"scalar", DType::float64, {}, data.substr(0, 8)},
              {"empty", DType::int32, {0, 7}, ""},
              {"long", DType::int64, {2}, data.substr(0, 16)},
              {"bytes", DType::uint8, {5, 1}, data.substr(0, 5)}},
             {}),
  };
}

// The header's text, and its size with it.
std::string Mutate(absl::string_view input, Random* random) {
  uint64_t size = 0;
  if (input.size() < sizeof(size)) return std::string(input);
  std::memcpy(&size, input.data(), sizeof(size));
  const absl::string_view rest = input.substr(sizeof(size));
  if (size > rest.size()) return std::string(input);
  const std::string header = MutateText(rest.substr(0, size), random);
  const uint64_t new_size = header.size();
  std::string mutated(reinterpret_cast<const char*>(&new_size), sizeof(new_size));
  mutated += header;
  return mutated.append(rest.data() + size, rest.size() - size);
}

}  // namespace drover::fuzz
