#include "common/safetensors.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/dtype.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace drover {
namespace {

using Json = nlohmann::json;

constexpr size_t kSizeBytes = 8;
constexpr size_t kAlignment = 8;
constexpr uint64_t kLargestHeader = 100'000'000;  // as in the reference implementation
constexpr char kMetadata[] = "__metadata__";

constexpr std::array<std::pair<DType::Kind, const char*>, 5> kDTypes{{
    {DType::float32, "F32"},
    {DType::float64, "F64"},
    {DType::int32, "I32"},
    {DType::int64, "I64"},
    {DType::uint8, "U8"},
}};

const char* NameOf(DType::Kind dtype) {
  for (const auto& [kind, name] : kDTypes) {
    if (kind == dtype) return name;
  }
  DROVER_CHECK(false) << DTypeName(dtype);
  return "";
}

DType::Kind DTypeOf(const std::string& name) {
  for (const auto& [kind, known] : kDTypes) {
    if (name == known) return kind;
  }
  return DType::unspecified;
}

absl::Status Invalid(absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("no valid safetensors file: ", why));
}

absl::Status InvalidArray(absl::string_view name, absl::string_view why) {
  return Invalid(absl::StrCat("array \"", name, "\": ", why));
}

void CheckArray(const NamedArray& array) {
  const absl::StatusOr<size_t> bytes = ByteCount(array.dtype, array.shape);
  DROVER_CHECK(bytes.ok()) << array.name << ": " << bytes.status();
  DROVER_CHECK(*bytes == array.data.size()) << array.name << " has " << array.data.size();
  DROVER_CHECK(array.name != kMetadata);
}

// The size and the JSON, padded with spaces so that the arrays begin aligned.
std::string MakeHeader(const std::vector<NamedArray>& arrays,
                       const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header[kMetadata] = metadata;
  size_t offset = 0;
  for (const NamedArray& array : arrays) {
    CheckArray(array);
    const bool is_new =
        header
            .emplace(array.name, Json{{"dtype", NameOf(array.dtype)},
                                      {"shape", array.shape},
                                      {"data_offsets", {offset, offset + array.data.size()}}})
            .second;
    DROVER_CHECK(is_new) << array.name << " comes twice";
    offset += array.data.size();
  }
  std::string json = header.dump(-1, ' ', false, Json::error_handler_t::replace);
  json.append((kAlignment - json.size() % kAlignment) % kAlignment, ' ');
  const uint64_t size = json.size();
  std::string bytes(kSizeBytes, '\0');
  std::memcpy(bytes.data(), &size, kSizeBytes);
  return bytes + json;
}

// The JSON of a file's header; fails on a name that comes twice, which parsers resolve differently,
// and at once on what is nested deeper than headers are.
absl::StatusOr<Json> ParseJson(absl::string_view text) {
  constexpr int kDeepest = 2;
  std::vector<std::set<std::string>> open;  // the names so far in each object around
  bool malformed = false;
  const auto on_event = [&](int depth, Json::parse_event_t event, const Json& parsed) {
    malformed = malformed || depth > kDeepest + 1;
    if (malformed) return false;
    if (event == Json::parse_event_t::object_start) open.emplace_back();
    if (event == Json::parse_event_t::object_end) open.pop_back();
    if (event == Json::parse_event_t::key) {
      malformed = !open.back().insert(parsed.get<std::string>()).second;
    }
    return true;
  };
  Json header = Json::parse(text.begin(), text.end(), on_event, /*allow_exceptions=*/false);
  if (malformed) return Invalid("its header has a name twice, or is nested too deep");
  if (!header.is_object()) return Invalid("its header is no JSON object");
  return header;
}

// A list of integers that are not negative and fit 63 bits; nothing else.
absl::StatusOr<std::vector<int64_t>> ParseIntegers(const Json& entry, const char* field) {
  const auto list = entry.find(field);
  if (list == entry.end() || !list->is_array()) return Invalid(absl::StrCat("no ", field));
  std::vector<int64_t> integers;
  for (const Json& item : *list) {
    if (!item.is_number_unsigned() || item.get<uint64_t>() > INT64_MAX) {
      return Invalid(absl::StrCat(field, " holds something else than sizes"));
    }
    integers.push_back(item.get<int64_t>());
  }
  return integers;
}

absl::StatusOr<NamedArray> ParseArray(const std::string& name, const Json& entry,
                                      absl::string_view data) {
  if (!entry.is_object() || entry.size() != 3) return InvalidArray(name, "not the three fields");
  const auto dtype = entry.find("dtype");
  if (dtype == entry.end() || !dtype->is_string()) return InvalidArray(name, "no dtype");
  NamedArray array{name, DTypeOf(dtype->get<std::string>()), {}, {}};
  if (array.dtype == DType::unspecified) {
    return InvalidArray(name, "a dtype other than F32, F64, I32, I64, U8");
  }
  DROVER_ASSIGN_OR_RETURN(array.shape, ParseIntegers(entry, "shape"));
  DROVER_ASSIGN_OR_RETURN(const std::vector<int64_t> offsets, ParseIntegers(entry, "data_offsets"));
  if (offsets.size() != 2 || offsets[0] > offsets[1] ||
      static_cast<uint64_t>(offsets[1]) > data.size()) {
    return InvalidArray(name, "its bytes are not in the file");
  }
  const auto begin = static_cast<size_t>(offsets[0]);
  array.data = data.substr(begin, static_cast<size_t>(offsets[1]) - begin);
  DROVER_ASSIGN_OR_RETURN(const size_t bytes, ByteCount(array.dtype, array.shape));
  if (bytes != array.data.size()) return InvalidArray(name, "its bytes do not fit its shape");
  return array;
}

absl::StatusOr<std::map<std::string, std::string>> ParseMetadata(const Json& entry) {
  if (!entry.is_object()) return Invalid("its metadata is no object");
  std::map<std::string, std::string> metadata;
  for (const auto& [key, value] : entry.items()) {
    if (!value.is_string()) return Invalid("its metadata holds something else than strings");
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

// Every byte belongs to exactly one array.
absl::Status CheckCoverage(const std::vector<NamedArray>& sorted, absl::string_view data) {
  const char* end = data.data();
  for (const NamedArray& array : sorted) {
    if (array.data.data() != end) return InvalidArray(array.name, "a gap or overlap before it");
    end += array.data.size();
  }
  return end == data.data() + data.size() ? absl::OkStatus() : Invalid("bytes of no array");
}

}  // namespace

absl::Status WriteSafetensors(const std::string& path, const std::vector<NamedArray>& arrays,
                              const std::map<std::string, std::string>& metadata) {
  std::vector<NamedArray> ordered = arrays;
  std::stable_sort(ordered.begin(), ordered.end(), [](const NamedArray& a, const NamedArray& b) {
    return DTypeSize(a.dtype) > DTypeSize(b.dtype);
  });
  const std::string header = MakeHeader(ordered, metadata);
  std::vector<absl::string_view> pieces{header};
  for (const NamedArray& array : ordered) pieces.push_back(array.data);
  return WriteFile(path, pieces);
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::Read(const std::string& path) {
  DROVER_ASSIGN_OR_RETURN(std::string contents, ReadFile(path));
  absl::StatusOr<SafetensorsFile> file = Parse(std::move(contents));
  if (file.ok()) return file;
  return absl::Status(file.status().code(), absl::StrCat(path, ": ", file.status().message()));
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::Parse(std::string contents) {
  SafetensorsFile file;
  file.contents_ = std::make_unique<const std::string>(std::move(contents));
  absl::string_view rest = *file.contents_;
  if (rest.size() < kSizeBytes) return Invalid("shorter than its header's size");
  uint64_t size = 0;
  std::memcpy(&size, rest.data(), kSizeBytes);
  rest.remove_prefix(kSizeBytes);
  if (size > kLargestHeader || size > rest.size()) return Invalid("its header is cut off");
  const absl::string_view data = rest.substr(size);

  DROVER_ASSIGN_OR_RETURN(const Json header, ParseJson(rest.substr(0, size)));
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) {
      DROVER_ASSIGN_OR_RETURN(file.metadata_, ParseMetadata(entry));
      continue;
    }
    DROVER_ASSIGN_OR_RETURN(NamedArray array, ParseArray(name, entry, data));
    file.arrays_.push_back(std::move(array));
  }
  // By begin, then end: an empty array comes before the one that begins where it lies.
  std::sort(file.arrays_.begin(), file.arrays_.end(), [](const NamedArray& a, const NamedArray& b) {
    return std::make_pair(a.data.data(), a.data.size()) <
           std::make_pair(b.data.data(), b.data.size());
  });
  DROVER_RETURN_IF_ERROR(CheckCoverage(file.arrays_, data));
  return file;
}

const NamedArray* SafetensorsFile::Find(absl::string_view name) const {
  for (const NamedArray& array : arrays_) {
    if (array.name == name) return &array;
  }
  return nullptr;
}

}  // namespace drover
