#include "cli/executables.h"

#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/file.h"

namespace drover {
namespace {

std::string Sibling(const std::string& name) {
  return (std::filesystem::path(OwnPath()).parent_path() / name).string();
}

}  // namespace

std::string OwnPath() {
  // Once, so that a rebuild while it runs does not change the answer.
  static const std::string* const path =
      new std::string(std::filesystem::read_symlink("/proc/self/exe").string());
  return *path;
}

std::string DroverPath() { return Sibling("drover"); }
std::string DroverAgentPath() { return Sibling("drover-agent"); }

absl::Status Execute(const std::string& path, const std::vector<std::string>& arguments) {
  std::vector<std::string> words = {path};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  execvp(path.c_str(), pointers.data());
  return FileError(errno, "start", path);
}

}  // namespace drover
