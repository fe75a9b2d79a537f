#include "deploy/doctor/program.h"

#include <unistd.h>

#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace drover {

bool HasProgram(const std::string& name) {
  const char* const path = std::getenv("PATH");
  for (const absl::string_view directory : absl::StrSplit(path == nullptr ? "" : path, ':')) {
    if (access(absl::StrCat(directory, "/", name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

std::string FirstOf(const std::vector<std::pair<std::string, std::string>>& commands,
                    const std::string& otherwise) {
  for (const auto& [program, command] : commands) {
    if (HasProgram(program)) return command;
  }
  return otherwise;
}

}  // namespace drover
