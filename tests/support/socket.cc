#include "tests/support/socket.h"

#include <cstdlib>

#include "common/check.h"

namespace drover {

std::string NewSocketAddress() {
  // Bazel's own test directories are longer than a socket's path may be.
  std::string directory = "/tmp/drover-test-XXXXXX";
  DROVER_CHECK(mkdtemp(&directory[0]) != nullptr);
  return "unix:" + directory + "/socket";
}

}  // namespace drover
