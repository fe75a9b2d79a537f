#include "replay/replay_checkpointer.h"

#include <spdlog/spdlog.h>

#include <future>
#include <utility>

#include "absl/status/status.h"
#include "common/status_macros.h"
#include "replay/checkpoint.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

absl::StatusOr<std::string> Write(const ReplayCheckpointer::Options& options) {
  DROVER_ASSIGN_OR_RETURN(
      const StoreCheckpointReport report,
      WriteStoreCheckpoint(*options.store, options.spec_hash, options.root, options.keep));
  spdlog::info("checkpoint {}: {} items, {} bytes in {:.2f} s, inserts held up for {:.3f} s",
               report.path, report.items, report.bytes, report.seconds, report.blocked_seconds);
  return report.path;
}

}  // namespace

ReplayCheckpointer::ReplayCheckpointer(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

ReplayCheckpointer::~ReplayCheckpointer() {
  {
    MutexLock lock(&mutex_);
    over_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void ReplayCheckpointer::Save(Done done) {
  {
    MutexLock lock(&mutex_);
    asked_.push_back(std::move(done));
  }
  changed_.NotifyAll();
}

absl::StatusOr<std::string> ReplayCheckpointer::SaveNow() {
  std::promise<absl::StatusOr<std::string>> saved;
  Save([&saved](const absl::StatusOr<std::string>& path) { saved.set_value(path); });
  return saved.get_future().get();
}

ReplayCheckpointer::Status ReplayCheckpointer::status() const {
  MutexLock lock(&mutex_);
  return status_;
}

void ReplayCheckpointer::Run() {
  const auto every = std::chrono::duration_cast<Clock::duration>(options_.every);
  Clock::time_point due = Clock::now() + every;
  while (true) {
    std::vector<Done> asked;
    bool over;
    {
      MutexLock lock(&mutex_);
      while (!over_ && asked_.empty() && Clock::now() < due) changed_.WaitUntil(&mutex_, due);
      asked.swap(asked_);
      over = over_;
    }
    const absl::StatusOr<std::string> path =
        over ? absl::CancelledError("the replay server ends") : Write(options_);
    if (!over) Note(path);
    for (const Done& done : asked) done(path);
    if (over) return;
    due = Clock::now() + every;
  }
}

void ReplayCheckpointer::Note(const absl::StatusOr<std::string>& path) {
  if (!path.ok()) spdlog::error("no checkpoint: {}", path.status().ToString());
  MutexLock lock(&mutex_);
  status_.error = path.ok() ? "" : std::string(path.status().message());
  if (path.ok()) status_.newest = *path;
}

}  // namespace drover
