#include "tests/support/socket.h"

#include <vector>

#include "common/file.h"

namespace drover {

std::string NewSocketAddress() {
  // Not in Bazel's own test directories: they are longer than a socket's path may be.
  static std::vector<TempDirectory> until_the_test_ends;
  until_the_test_ends.push_back(TempDirectory::Make().value());
  return "unix:" + until_the_test_ends.back().path() + "/socket";
}

}  // namespace drover
