#include "common/data_folders.h"

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace drover {

std::vector<std::string> DataFolders(const std::string& executable, const std::string& folder) {
  const std::filesystem::path installed =
      std::filesystem::path(executable).parent_path().parent_path() /
      std::filesystem::path(folder).filename();
  return {folder, absl::StrCat(executable, ".runfiles/drover/", folder), installed.string()};
}

}  // namespace drover
