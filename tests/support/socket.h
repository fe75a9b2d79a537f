#ifndef DROVER_TESTS_SUPPORT_SOCKET_H_
#define DROVER_TESTS_SUPPORT_SOCKET_H_

#include <string>

namespace drover {

// "unix:/path" of a socket that nobody has, in a new directory of this test's, which goes with it.
// One thread at a time.
std::string NewSocketAddress();

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_SOCKET_H_
