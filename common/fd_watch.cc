#include "common/fd_watch.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <utility>

#include "common/check.h"

namespace drover {

FdWatch::FdWatch(UniqueFd fd, std::function<bool(int fd)> on_ready)
    : fd_(std::move(fd)), stop_(eventfd(0, EFD_CLOEXEC)), on_ready_(std::move(on_ready)) {
  DROVER_CHECK(fd_.valid() && stop_.valid()) << "errno " << errno;
  thread_ = std::thread([this] { Run(); });
}

FdWatch::~FdWatch() {
  const uint64_t one = 1;
  DROVER_CHECK(write(stop_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

void FdWatch::Run() {
  std::array<pollfd, 2> watched{pollfd{fd_.get(), POLLIN, 0}, pollfd{stop_.get(), POLLIN, 0}};
  for (;;) {
    const int ready = poll(watched.data(), watched.size(), -1);
    DROVER_CHECK(ready > 0 || errno == EINTR) << "errno " << errno;
    if (ready <= 0) continue;
    if (watched[1].revents != 0 || !on_ready_(fd_.get())) return;
  }
}

}  // namespace drover
