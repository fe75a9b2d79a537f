#ifndef DROVER_COMMON_PARENT_WATCH_H_
#define DROVER_COMMON_PARENT_WATCH_H_

#include <functional>
#include <memory>

#include "common/fd_watch.h"

namespace drover {

// How Process hands a child its end of the pipe whose other end closes when the parent dies.
constexpr int kParentPipeFd = 3;
constexpr char kParentPipeVariable[] = "DROVER_PARENT_PIPE";  // "3", where there is one

// Watches for the death of the parent, in a process that Process (common/process.h) started.
class ParentWatch {
 public:
  // `on_death` runs once, on a thread of the watch's own, also where the parent is dead already.
  // Null: this process was started otherwise, and nothing is watched. Once a process, early
  // in main: it changes the environment.
  static std::unique_ptr<ParentWatch> Start(std::function<void()> on_death);

 private:
  explicit ParentWatch(std::function<void()> on_death);
  FdWatch watch_;
};

}  // namespace drover

#endif  // DROVER_COMMON_PARENT_WATCH_H_
