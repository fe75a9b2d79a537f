#ifndef DROVER_LEARNER_REPLAY_EXPERIENCE_H_
#define DROVER_LEARNER_REPLAY_EXPERIENCE_H_

#include <atomic>
#include <cstdint>
#include <vector>

#include "agent/batch_view.h"
#include "client/replay_batch.h"
#include "client/replay_sampler.h"
#include "learner/episode_statistics.h"
#include "learner/experience.h"

namespace drover {

// Batches of windows out of a replay table. How old they are is reported, not bounded; how often
// each is used is up to the table's rate limiter.
class ReplayExperience final : public Experience {
 public:
  // All outlive it. Frames are those of a checkpoint.
  struct Parts {
    const Experiment* experiment = nullptr;
    const BatchView* view = nullptr;
    ReplaySampler* sampler = nullptr;
    EpisodeStatistics* episodes = nullptr;
    uint64_t frames = 0;
    uint64_t replay_frames = 0;  // of them, those that the servers knew of
    uint64_t trained_frames = 0;
  };
  explicit ReplayExperience(const Parts& parts);

  absl::StatusOr<const TrainingBatch*> Next(Time deadline) override;
  // At once when the budget is spent: with replay there is always more to train on.
  bool finished() const override { return budget_spent(); }
  void SetVersion(uint64_t version) override { version_ = version; }
  void Trained(const at::Tensor& priority) override;
  void Drain() override { parts_.sampler->Stop(); }
  ReceivedTotals totals(const std::function<void()>& meanwhile) const override;
  bool budget_spent() const override;
  uint64_t frames() const override { return frames_.load(); }
  uint64_t started_unix_micros() const override { return started_unix_micros_.load(); }
  void AddTo(Report* report) const override;
  void AddTo(Metrics* metrics) const override;

 private:
  void Notice();  // frames and episodes
  void View();
  void Weigh();
  void CountFrames();

  const Parts parts_;
  uint64_t version_ = 0;
  ReplayBatch items_;
  std::vector<int64_t> final_positions_;
  std::vector<double> weights_;
  TrainingBatch batch_;
  uint64_t trained_frames_;
  bool met_ = false;  // all servers, since this learner started
  uint64_t heard_;    // frames that servers have received, with those that they have lost
  uint64_t known_;    // and without
  std::atomic<uint64_t> frames_;
  std::atomic<uint64_t> started_unix_micros_{0};
};

}  // namespace drover

#endif  // DROVER_LEARNER_REPLAY_EXPERIENCE_H_
