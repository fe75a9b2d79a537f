#include "common/field_locations.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace drover {

std::string JoinPath(const std::string& path, const std::string& name) {
  return path.empty() ? name : absl::StrCat(path, ".", name);
}

void FieldLocations::Record(const std::string& path, std::string place) {
  for (const char separator : {'.', '['}) {
    const std::string below = path + separator;
    auto entry = places_.lower_bound(below);
    while (entry != places_.end() && absl::StartsWith(entry->first, below)) {
      entry = places_.erase(entry);
    }
  }
  places_[path] = std::move(place);
}

const std::string& FieldLocations::Locate(absl::string_view path) const {
  for (;;) {
    const auto entry = places_.find(path);
    if (entry != places_.end()) return entry->second;
    const size_t end = path.find_last_of(".[");
    if (end == absl::string_view::npos) return file_;
    path = path.substr(0, end);
  }
}

absl::Status FieldLocations::Error(absl::string_view path, absl::string_view what) const {
  return absl::InvalidArgumentError(absl::StrCat(Locate(path), ": ", path, ": ", what));
}

}  // namespace drover
