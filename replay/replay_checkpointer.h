#ifndef DROVER_REPLAY_REPLAY_CHECKPOINTER_H_
#define DROVER_REPLAY_REPLAY_CHECKPOINTER_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "replay/store.h"

namespace drover {

// Writes a store's checkpoints on a thread of its own: each `every`, and when
// asked. One that cannot be written (disk full) is an alarm in status(), and is
// tried again the next time. Thread-safe.
class ReplayCheckpointer {
 public:
  using Done = std::function<void(const absl::StatusOr<std::string>& path)>;

  struct Options {
    const Store* store = nullptr;  // outlives it
    uint64_t spec_hash = 0;
    std::string root;  // where they are (replay/checkpoint.h)
    size_t keep = 2;
    std::chrono::duration<double> every{60};
  };

  explicit ReplayCheckpointer(Options options);
  ~ReplayCheckpointer();  // finishes the one under way; those who still wait hear CANCELLED
  ReplayCheckpointer(const ReplayCheckpointer&) = delete;
  ReplayCheckpointer& operator=(const ReplayCheckpointer&) = delete;

  // A checkpoint that begins after this call; `done` runs on the thread and must not block.
  void Save(Done done) DROVER_EXCLUDES(mutex_);
  // The same; waits for it.
  absl::StatusOr<std::string> SaveNow() DROVER_EXCLUDES(mutex_);

  struct Status {
    std::string newest;  // path; empty: none by this process
    std::string error;   // why the newest could not be written; empty: it was
  };
  Status status() const DROVER_EXCLUDES(mutex_);

 private:
  void Run() DROVER_EXCLUDES(mutex_);
  void Note(const absl::StatusOr<std::string>& path) DROVER_EXCLUDES(mutex_);

  const Options options_;
  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<Done> asked_ DROVER_GUARDED_BY(mutex_);
  Status status_ DROVER_GUARDED_BY(mutex_);
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_REPLAY_REPLAY_CHECKPOINTER_H_
