// What a learner makes of a replay server's batches: weights, priorities, and what it counts.
#include "learner/replay_experience.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/full.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <thread>
#include <vector>

#include "tests/learner/unrolls.h"
#include "tests/support/replay_server.h"

namespace drover {
namespace {

using testing::kEnvironments;
using testing::ReplayServer;
using Clock = std::chrono::steady_clock;

constexpr size_t kBatch = 8;
constexpr uint64_t kFrames = 6;  // of a message, an item each
// The priorities of a message's items, by their reward.
const std::map<float, float> kPriorities{{0, 1}, {10, 2}, {1, 3}, {11, 4}, {2, 5}, {12, 6}};

class ReplayExperienceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    experiment_.mutable_budget()->set_max_frames(1000);
    experiment_.mutable_replay()->add_tables()->set_sampler(SelectorConfig::prioritized);
    Coefficient* beta = experiment_.mutable_loss()->mutable_priority_beta();
    beta->set_value(1);
    beta->set_final(1);
    beta->set_frames(1);
  }

  void Serve(uint32_t shards = 1) {
    experiment_.mutable_replay()->set_shards(shards);
    for (uint32_t shard = 0; shard < shards; ++shard) {
      ReplayServer::Options options;
      options.tables = {testing::SmallTable("table", SelectorConfig::prioritized)};
      options.tables[0].priority_exponent = 1;
      options.shard = static_cast<uint8_t>(shard);
      servers_.push_back(std::make_unique<ReplayServer>(std::move(options)));
      servers_.back()->Serve();
    }
  }

  // A message that `version` acted, with an episode of this return.
  void Insert(size_t shard, uint64_t version = 0, double undiscounted_return = 0) {
    Insertion insertion;
    insertion.member = 1;
    insertion.epoch = 1;
    insertion.environments = kEnvironments;
    insertion.unrolls = std::make_unique<Unrolls>(testing::MakeUnrolls(++sequence_, version));
    testing::AddEpisode(insertion.unrolls.get(), undiscounted_return, 1);
    const std::vector<uint32_t> environments{0, 1, 0, 1, 0, 1};
    const std::vector<int32_t> steps{0, 0, 1, 1, 2, 2};
    const std::vector<float> priorities{1, 2, 3, 4, 5, 6};
    insertion.items.push_back({0, environments, steps, priorities});
    Store::Ticket ticket;
    const auto verdict = servers_[shard]->store().Insert(
        &insertion, [] {}, &ticket);
    ASSERT_TRUE(verdict.ok() && *verdict == Store::Verdict::kStored);
  }

  // `parts`: the numbers of a checkpoint.
  void Learn(ReplayExperience::Parts parts = {}) {
    ReplaySampler::Options options;
    options.identity = [] { return testing::ReplayIdentity(testing::kLearnerMember); };
    for (const auto& server : servers_) options.servers.push_back(server->peer());
    const PeerFn last = options.servers.back();
    options.servers.back() = [this, last](std::chrono::milliseconds limit) {
      while (!last_reachable_) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      return last(limit);
    };
    options.layout = &layout_;
    options.spec_hash = testing::kReplaySpecHash;
    options.table = "table";
    options.steps = 1;
    options.batch = kBatch;
    sampler_ = std::make_unique<ReplaySampler>(std::move(options));
    parts.experiment = &experiment_;
    parts.view = &view_;
    parts.sampler = sampler_.get();
    parts.episodes = &episodes_;
    experience_ = std::make_unique<ReplayExperience>(parts);
  }

  const TrainingBatch& Next() {
    const auto batch = experience_->Next(Clock::now() + std::chrono::seconds(60));
    EXPECT_TRUE(batch.ok() && *batch != nullptr);
    return **batch;
  }

  void WaitForFrames(uint64_t frames) {
    while (experience_->frames() < frames) {
      ASSERT_TRUE(experience_->Next(Clock::now() + std::chrono::milliseconds(1)).ok() ||
                  experience_->finished());
    }
    EXPECT_EQ(experience_->frames(), frames);
  }

  void WaitForConnections(uint64_t connections) {
    while (sampler_->counters().connections < connections) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
  }

  // (N q)^-β of each item of a batch.
  static std::vector<double> Raw(const TrainingBatch& batch, double beta) {
    std::vector<double> weights;
    for (size_t i = 0; i < kBatch; ++i) {
      const auto reward = batch.batch.reward[0][static_cast<int64_t>(i)].item<float>();
      weights.push_back(std::pow(6 * kPriorities.at(reward) / 21, -beta));
    }
    return weights;
  }

  static void ExpectWeights(const TrainingBatch& batch, std::vector<double> expected,
                            bool divided) {
    const double most = divided ? *std::max_element(expected.begin(), expected.end()) : 1;
    ASSERT_EQ(batch.batch.weight.sizes(), (std::vector<int64_t>{kBatch}));
    for (size_t i = 0; i < kBatch; ++i) {
      EXPECT_NEAR(batch.batch.weight[static_cast<int64_t>(i)].item<double>(), expected[i] / most,
                  1e-5);
    }
  }

  Experiment experiment_;
  const UnrollLayout layout_ = UnrollLayout::Make(testing::TestSpec()).value();
  const BatchView view_ = BatchView::Make(&layout_, 1, at::kCPU).value();
  EpisodeStatistics episodes_{100};
  std::vector<std::unique_ptr<ReplayServer>> servers_;
  uint64_t sequence_ = 0;
  std::atomic<bool> last_reachable_{true};
  std::unique_ptr<ReplaySampler> sampler_;
  std::unique_ptr<ReplayExperience> experience_;
};

TEST_F(ReplayExperienceTest, WeightsAreDividedByTheBatchsLargest) {
  Serve();
  Insert(0);
  Learn();
  for (int i = 0; i < 5; ++i) {
    const TrainingBatch& batch = Next();
    ExpectWeights(batch, Raw(batch, 1), true);
    EXPECT_EQ(batch.batch.weight.max().item<float>(), 1);
  }
}

TEST_F(ReplayExperienceTest, RawWeightsAreThoseOfD4pgsPaper) {
  experiment_.mutable_loss()->set_raw_priority_weights(true);
  Serve();
  Insert(0);
  Learn();
  for (int i = 0; i < 5; ++i) {
    const TrainingBatch& batch = Next();
    ExpectWeights(batch, Raw(batch, 1), false);
  }
}

// Of a server that died, too: N is no 0 then, and no weight infinite.
TEST_F(ReplayExperienceTest, WeightsAreFiniteWhenTheServerHasDied) {
  experiment_.mutable_loss()->set_raw_priority_weights(true);
  Serve();
  Insert(0);
  Learn();
  Next();
  servers_[0]->Kill();
  while (sampler_->counters().items > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  while (true) {
    const auto batch = experience_->Next(Clock::now());
    ASSERT_TRUE(batch.ok());
    if (*batch == nullptr) break;
    ExpectWeights(**batch, Raw(**batch, 1), false);
  }
}

// β goes from 0 to 1 over 8 trained frames, of which 2 are a checkpoint's.
TEST_F(ReplayExperienceTest, BetaFollowsTheTrainedFrames) {
  Coefficient* beta = experiment_.mutable_loss()->mutable_priority_beta();
  beta->set_value(0);
  beta->set_frames(8);
  Serve();
  Insert(0);
  ReplayExperience::Parts parts;
  parts.trained_frames = 2;
  Learn(parts);
  uint64_t trained = 2;
  for (int i = 0; i < 20; ++i) {
    const TrainingBatch& batch = Next();
    ExpectWeights(batch, Raw(batch, static_cast<double>(trained) / 8), true);
    trained += batch.frames;
  }
  EXPECT_EQ(trained, 2 + kFrames);  // each item counts once, however often it comes
}

TEST_F(ReplayExperienceTest, TellsHowOldItsItemsAre) {
  Serve();
  Insert(0, /*version=*/4);
  Learn();
  experience_->SetVersion(10);
  const TrainingBatch& batch = Next();
  EXPECT_EQ(batch.lag_max, 6U);
  EXPECT_EQ(batch.lag_sum, 6.0 * static_cast<double>(batch.frames));
  experience_->SetVersion(3);  // of a learner that has lost a few
  EXPECT_EQ(Next().lag_max, 0U);
}

TEST_F(ReplayExperienceTest, PrioritiesAreSentWhereTheTableWantsThem) {
  Serve();
  Insert(0);
  for (const auto sampler : {SelectorConfig::uniform, SelectorConfig::prioritized}) {
    experiment_.mutable_replay()->mutable_tables(0)->set_sampler(sampler);
    Learn();
    Next();
    experience_->Trained(at::full({kBatch}, 50.0F));
    ASSERT_TRUE(sampler_->FlushUpdates(Clock::now() + std::chrono::seconds(60)));
    const TableStatus status = servers_[0]->store().table(0).status();
    EXPECT_EQ(status.max_priority > 49, sampler == SelectorConfig::prioritized);
  }
}

TEST_F(ReplayExperienceTest, CountsEachFrameOnceAlsoOfAServerThatLostIts) {
  experiment_.mutable_budget()->set_max_frames(4 * kFrames);
  Serve(2);
  Insert(0);
  Insert(1);
  Learn();
  WaitForFrames(2 * kFrames);
  EXPECT_GT(experience_->started_unix_micros(), 0U);
  servers_[1]->Kill();
  servers_[1]->Serve();
  WaitForConnections(3);
  Insert(1);
  WaitForFrames(3 * kFrames);
  EXPECT_EQ(experience_->totals(nullptr).frames, 3 * kFrames);
  EXPECT_EQ(experience_->totals(nullptr).replay_frames, 2 * kFrames);  // what servers have
  EXPECT_FALSE(experience_->finished());
  Insert(0);
  WaitForFrames(4 * kFrames);
  EXPECT_TRUE(experience_->finished());
}

// The servers have 24 frames, of which the checkpoint knew 18. What one of them says, however
// often, tells nothing of the other.
TEST_F(ReplayExperienceTest, AResumedLearnerCountsWhatIsNew) {
  Serve(2);
  for (const size_t shard : {0, 1, 1, 1}) Insert(shard);
  ReplayExperience::Parts parts;
  parts.frames = 100;
  parts.replay_frames = 3 * kFrames;
  last_reachable_ = false;
  Learn(parts);
  WaitForConnections(1);
  servers_[0]->Restart();
  WaitForConnections(2);
  Next();
  EXPECT_EQ(experience_->frames(), 100U);
  last_reachable_ = true;
  WaitForFrames(100 + kFrames);
}

// What servers tell a learner first are episodes of before: a checkpoint has them.
TEST_F(ReplayExperienceTest, AResumedLearnerKnowsTheOldEpisodes) {
  Serve();
  Insert(0, 0, /*undiscounted_return=*/5);
  ReplayExperience::Parts parts;
  parts.trained_frames = 1;
  Learn(parts);
  while (Next().frames == 0) continue;
  Insert(0, 0, /*undiscounted_return=*/7);
  while (episodes_.Last(1).episodes == 0) Next();
  EXPECT_EQ(episodes_.Last(10).episodes, 1U);
  EXPECT_EQ(episodes_.Last(1).mean_return, 7);
}

}  // namespace
}  // namespace drover
