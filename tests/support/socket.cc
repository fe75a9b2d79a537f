#include "tests/support/socket.h"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include "common/check.h"

namespace drover {
namespace {

class Directories {
 public:
  ~Directories() {
    std::error_code ignored;
    for (const std::string& path : paths_) std::filesystem::remove_all(path, ignored);
  }

  void Add(const std::string& path) { paths_.push_back(path); }

 private:
  std::vector<std::string> paths_;
};

}  // namespace

std::string NewSocketAddress() {
  static Directories until_the_test_ends;
  // Bazel's own test directories are longer than a socket's path may be.
  std::string directory = "/tmp/drover-test-XXXXXX";
  DROVER_CHECK(mkdtemp(&directory[0]) != nullptr);
  until_the_test_ends.Add(directory);
  return "unix:" + directory + "/socket";
}

}  // namespace drover
