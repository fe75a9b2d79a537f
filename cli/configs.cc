#include "cli/configs.h"

#include <cstdlib>
#include <filesystem>
#include <map>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/executables.h"
#include "common/data_folders.h"
#include "common/near_match.h"

namespace drover {
namespace {

namespace fs = std::filesystem;

constexpr char kExtension[] = ".textproto";

// By name; the first folder that has it wins.
std::map<std::string, std::string> Configs() {
  std::map<std::string, std::string> paths;
  for (const std::string& dir : DataFolders(OwnPath(), "configs")) {
    std::error_code error;
    for (fs::directory_iterator it(dir, error), end; !error && it != end; it.increment(error)) {
      if (it->path().extension() == kExtension) {
        paths.emplace(it->path().stem().string(), it->path().string());
      }
    }
  }
  return paths;
}

}  // namespace

std::vector<std::string> ListConfigs() {
  std::vector<std::string> names;
  for (const auto& [name, path] : Configs()) names.push_back(name);
  return names;
}

absl::StatusOr<std::string> FindConfig(const std::string& path_or_name) {
  std::error_code ignored;
  if (fs::is_regular_file(path_or_name, ignored)) return path_or_name;
  const std::map<std::string, std::string> configs = Configs();
  if (const auto found = configs.find(path_or_name); found != configs.end()) return found->second;
  if (absl::StrContains(path_or_name, '/') || absl::EndsWith(path_or_name, kExtension)) {
    return absl::NotFoundError(absl::StrCat("there is no config file ", path_or_name));
  }
  return absl::NotFoundError(UnknownName("config", path_or_name, ListConfigs()));
}

}  // namespace drover
