#ifndef DROVER_COMMON_WATCHED_FILE_H_
#define DROVER_COMMON_WATCHED_FILE_H_

#include <sys/stat.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/file.h"
#include "common/mutex.h"

namespace drover {

// What a small file says, as a T, kept up to date: it is looked at again no sooner than a second
// after the last time, and read where it changed. While it cannot be read or makes no sense, what
// it said before holds. Thread-safe; a call may read a file of some kilobytes.
template <typename T>
class WatchedFile {
 public:
  using Clock = std::chrono::steady_clock;
  using Parse = std::function<absl::StatusOr<T>(absl::string_view)>;
  static constexpr std::chrono::seconds kInterval{1};
  static constexpr size_t kMostBytes = 1 << 20;

  WatchedFile(std::string path, Parse parse) : path_(std::move(path)), parse_(std::move(parse)) {}

  // Reads it for the first time.
  absl::Status Load() DROVER_EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    return Read(StampOf(path_));
  }

  // After Load().
  std::shared_ptr<const T> Get(Clock::time_point now = Clock::now()) DROVER_EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (now - looked_ >= kInterval) {
      looked_ = now;
      if (const Stamp stamp = StampOf(path_); stamp != stamp_) Read(stamp).IgnoreError();
    }
    return value_;
  }

  const std::string& path() const { return path_; }

 private:
  // What changes with the file, whether it is replaced or written to.
  using Stamp = std::pair<std::pair<ino_t, off_t>, std::pair<time_t, long>>;

  static Stamp StampOf(const std::string& path) {
    struct stat info {};
    if (stat(path.c_str(), &info) != 0) return {};
    return {{info.st_ino, info.st_size}, {info.st_mtim.tv_sec, info.st_mtim.tv_nsec}};
  }

  absl::Status Read(const Stamp& stamp) DROVER_REQUIRES(mutex_) {
    absl::StatusOr<std::string> text = ReadFile(path_, kMostBytes);
    if (!text.ok()) return text.status();
    absl::StatusOr<T> value = parse_(*text);
    if (!value.ok()) return value.status();
    value_ = std::make_shared<const T>(*std::move(value));
    stamp_ = stamp;
    return absl::OkStatus();
  }

  const std::string path_;
  const Parse parse_;
  Mutex mutex_;
  std::shared_ptr<const T> value_ DROVER_GUARDED_BY(mutex_);
  Stamp stamp_ DROVER_GUARDED_BY(mutex_);
  Clock::time_point looked_ DROVER_GUARDED_BY(mutex_) = Clock::now();
};

}  // namespace drover

#endif  // DROVER_COMMON_WATCHED_FILE_H_
