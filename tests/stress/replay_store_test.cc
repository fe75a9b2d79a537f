// A replay store under sixteen writers, four samplers, updates, deletes, new rate limits and
// checkpoints at once. Who waits for the rate limiter waits for its Wake, as the services do.

#include <gtest/gtest.h>

#include <atomic>
#include <cstring>
#include <memory>
#include <thread>
#include <vector>

#include "common/file.h"
#include "common/mutex.h"
#include "common/random.h"
#include "replay/checkpoint.h"
#include "tests/replay/insertions.h"

namespace drover {
namespace {

using testing::kEnvironments;
using testing::kSteps;

constexpr uint64_t kWriters = 16;
constexpr uint64_t kMessages = 1000;  // of each writer
constexpr int kSamplers = 4;
constexpr uint64_t kFrames = kSteps * kEnvironments;  // of a message
constexpr uint32_t kWindow = 5;                       // steps of an item of the first table
constexpr uint64_t kSpecHash = 1;

// Rung by a Wake. It outlives whoever waits: a Wake may come late.
class Bell {
 public:
  void Ring() {
    MutexLock lock(&mutex_);
    rung_ = true;
    changed_.NotifyAll();
  }
  // Until it rings, or has rung since the last time; or the deadline has passed.
  void WaitUntil(CondVar::Time deadline) {
    MutexLock lock(&mutex_);
    while (!rung_ && changed_.WaitUntil(&mutex_, deadline)) {
    }
    rung_ = false;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  bool rung_ DROVER_GUARDED_BY(mutex_) = false;
};

std::vector<TableOptions> Tables() {
  TableOptions prioritized;
  prioritized.name = "prioritized";
  prioritized.sampler = SelectorConfig::prioritized;
  prioritized.capacity = 500;
  prioritized.steps = kWindow;
  prioritized.rate_limit.samples_per_insert = 2;
  prioritized.rate_limit.min_size = 20;
  prioritized.rate_limit.min_diff = -200;
  prioritized.rate_limit.max_diff = 200;
  TableOptions queue;
  queue.name = "queue";
  queue.sampler = SelectorConfig::fifo;
  queue.capacity = 200;
  queue.max_times_sampled = 1;
  queue.rate_limit.min_diff = 0;
  queue.rate_limit.max_diff = 190;
  return {prioritized, queue};
}

class ReplayStoreStressTest : public ::testing::Test {
 protected:
  static CondVar::Time Soon() {
    return std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  }

  void Write(uint64_t member) {
    const auto bell = std::make_shared<Bell>();
    const std::vector<testing::Items> items = {{0, {0, 1, 1}, {-2, -3, -4}, {}}, {1, {0}, {1}, {}}};
    store_->Greet(member, 1);
    for (uint64_t sequence = 1; sequence <= kMessages; ++sequence) {
      Insertion insertion = testing::MakeInsertion(member, sequence, items);
      while (true) {
        Store::Ticket ticket;
        const auto verdict = store_->Insert(
            &insertion, [bell] { bell->Ring(); }, &ticket);
        ASSERT_TRUE(verdict.ok()) << verdict.status();
        if (*verdict == Store::Verdict::kStored) break;
        ASSERT_EQ(*verdict, Store::Verdict::kWaiting);
        bell->WaitUntil(Soon());
        store_->CancelInsert(ticket);  // also if it rang: that may be of an earlier wait
      }
    }
  }

  void Sample(size_t table, uint64_t seed) {
    const auto bell = std::make_shared<Bell>();
    Random random({seed});
    SampledBatch batch(kSteps);
    while (!over_) {
      const uint64_t count = 1 + random.Below(8);
      const auto ticket = store_->table(table).Sample(count, &batch, [bell] { bell->Ring(); });
      if (ticket != 0) {
        bell->WaitUntil(Soon());
        store_->table(table).CancelSample(ticket);
        continue;
      }
      samples_ += count;
      CheckContents(table, batch);
      if (table == 0) NewPriorities(&random, batch.keys);
    }
  }

  // A window's rewards count its writer's steps.
  void CheckContents(size_t table, const SampledBatch& batch) const {
    const auto steps = static_cast<int32_t>(store_->table(table).options().steps);
    for (const Window& window : batch.windows) {
      float first = 0;
      for (int32_t step = 0; step < steps; ++step) {
        const auto [chunk, row] = window.Locate(window.first_step() + step, kSteps);
        const size_t at = row * chunk->environments() + window.environment();
        float reward;
        std::memcpy(&reward, chunk->column(testing::kRewardLeaf).data() + 4 * at, 4);
        if (step == 0) first = reward;
        ASSERT_EQ(reward, first + static_cast<float>(step));
      }
    }
  }

  void NewPriorities(Random* random, const std::vector<uint64_t>& keys) {
    std::vector<float> priorities(keys.size());
    for (float& priority : priorities) priority = random->UniformFloat();
    ASSERT_TRUE(store_->table(0).UpdatePriorities(keys, priorities).ok());
    if (random->Below(10) == 0) store_->table(0).Delete({keys[0]});
  }

  void LookAndChange() {
    RateLimit limit = Tables()[0].rate_limit;
    while (!over_) {
      limit.samples_per_insert = limit.samples_per_insert == 2 ? 1 : 2;
      ASSERT_TRUE(store_->table(0).Configure(limit).ok());
      store_->counters();
      store_->table(1).status();
      store_->KeepWriters({1, 2, 3, 4, 5, 6, 7, 8});
      std::this_thread::yield();
    }
  }

  void Checkpoint() {
    do {
      const auto report = WriteStoreCheckpoint(*store_, kSpecHash, directory_.path(), 2);
      ASSERT_TRUE(report.ok()) << report.status();
      const auto copy = testing::MakeStore(Tables());
      ASSERT_TRUE(RestoreNewestStoreCheckpoint(directory_.path(), kSpecHash, copy.get()).ok());
      ASSERT_EQ(copy->frames(), copy->counters().messages * kFrames);
      CheckCounts(copy.get());
      ++checkpoints_;
    } while (!over_);
  }

  static void CheckCounts(Store* store) {
    for (size_t table = 0; table < store->tables(); ++table) {
      const TableStatus status = store->table(table).status();
      ASSERT_EQ(status.limiter.inserts,
                status.size + status.evicted + status.sampled_out + status.deleted);
    }
  }

  const TempDirectory directory_ = *TempDirectory::Make();
  std::unique_ptr<Store> store_ = testing::MakeStore(Tables());
  std::atomic<bool> over_{false};
  std::atomic<uint64_t> samples_{0};
  std::atomic<int> checkpoints_{0};
};

TEST_F(ReplayStoreStressTest, EverythingAddsUp) {
  std::vector<std::thread> others;
  others.reserve(kSamplers + 2);
  for (int i = 0; i < kSamplers; ++i) {
    others.emplace_back([this, i] { Sample(i % 2, i); });
  }
  others.emplace_back([this] { LookAndChange(); });
  others.emplace_back([this] { Checkpoint(); });
  std::vector<std::thread> writers;
  for (uint64_t member = 1; member <= kWriters; ++member) {
    writers.emplace_back([this, member] { Write(member); });
  }
  for (std::thread& writer : writers) writer.join();
  over_ = true;
  for (std::thread& other : others) other.join();

  EXPECT_EQ(store_->counters().messages, kWriters * kMessages);
  EXPECT_EQ(store_->frames(), kWriters * kMessages * kFrames);
  EXPECT_EQ(store_->table(1).status().limiter.inserts, kWriters * kMessages);
  EXPECT_EQ(store_->counters().missing, 0U);
  EXPECT_GT(samples_, 0U);
  EXPECT_GT(checkpoints_, 0);
  CheckCounts(store_.get());
  for (size_t table = 0; table < 2; ++table) {
    const TableStatus status = store_->table(table).status();
    EXPECT_EQ(status.insert.waiting + status.sample.waiting, 0U);
  }
}

}  // namespace
}  // namespace drover
