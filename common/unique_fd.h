#ifndef DROVER_COMMON_UNIQUE_FD_H_
#define DROVER_COMMON_UNIQUE_FD_H_

#include <unistd.h>

#include <utility>

namespace drover {

// Owns a file descriptor: closes it when it ends.
class UniqueFd {
 public:
  UniqueFd() = default;
  explicit UniqueFd(int fd) : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.Release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~UniqueFd() { Close(); }

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

  int Release() { return std::exchange(fd_, -1); }
  // Whether close() was content: after writing, that the data arrived where close is to say so.
  bool Close() { return !valid() || close(Release()) == 0; }

 private:
  int fd_ = -1;
};

}  // namespace drover

#endif  // DROVER_COMMON_UNIQUE_FD_H_
