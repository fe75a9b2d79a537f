#ifndef DROVER_COMMON_FD_WATCH_H_
#define DROVER_COMMON_FD_WATCH_H_

#include <functional>
#include <thread>

#include "common/unique_fd.h"

namespace drover {

// A thread that waits until something can be read from a file descriptor, or its other end closes,
// and then calls back.
class FdWatch {
 public:
  // Each time `fd` is readable, `on_ready` runs on the watch's thread; false: watch no longer.
  FdWatch(UniqueFd fd, std::function<bool(int fd)> on_ready);
  // Waits for a call under way.
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

 private:
  void Run();

  const UniqueFd fd_;
  const UniqueFd stop_;  // an eventfd
  const std::function<bool(int fd)> on_ready_;
  std::thread thread_;
};

}  // namespace drover

#endif  // DROVER_COMMON_FD_WATCH_H_
