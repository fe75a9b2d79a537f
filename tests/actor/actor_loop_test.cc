#include "actor/actor_loop.h"

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <vector>

#include "agent/spec.h"
#include "gtest/gtest.h"
#include "tests/actor/recorder.h"
#include "tests/env/counter.h"

namespace drover {
namespace {

constexpr int64_t kSteps = 20;  // of an unroll
constexpr int64_t kEnvironments = 3;

// Always takes action 1. The version that acts is a function of the step, and so is the
// log-probability, so that a test can see which version acted at each.
class Stepper final : public Policy {
 public:
  explicit Stepper(std::function<uint64_t(uint64_t step)> version) : version_(std::move(version)) {}

  uint64_t Refresh() override { return version_(steps); }

  void Act(const float*, const ActionRow& action, float* log_prob) override {
    for (int64_t e = 0; e < kEnvironments; ++e) {
      action.discrete[e] = 1;
      log_prob[e] = -static_cast<float>(version_(steps));
    }
    ++steps;
  }

  void SaveOrRestore(Archive* archive) override { archive->Value(&steps); }

  uint64_t steps = 0;

 private:
  const std::function<uint64_t(uint64_t)> version_;
};

// A loop over Counters, whose episodes end at `goal` steps, or are truncated at `limit`.
struct Fixture {
  Fixture(
      double goal, int64_t limit, size_t unrolls,
      std::function<uint64_t(uint64_t)> version = [](uint64_t) { return 1; })
      : policy(std::move(version)), transport(unrolls) {
    std::vector<std::unique_ptr<Environment>> copies;
    for (int64_t i = 0; i < kEnvironments; ++i) {
      copies.push_back(std::make_unique<Counter>(Space::Discrete(2), goal, limit));
    }
    environments = std::make_unique<VectorEnvironment>(std::move(copies), EpisodeKey{1, 2, 3});
    Experiment experiment;
    experiment.mutable_actors()->set_unroll(kSteps);
    builder = std::make_unique<UnrollBuilder>(
        UnrollBuilder::Make(MakeSpec(experiment, environments->spec()), environments->spec(),
                            kEnvironments)
            .value());
    loop = std::make_unique<ActorLoop>(environments.get(), &policy, &transport, builder.get(),
                                       [this] { return stop && stop(); });
  }

  Stepper policy;
  Recorder transport;
  std::unique_ptr<VectorEnvironment> environments;
  std::unique_ptr<UnrollBuilder> builder;
  std::unique_ptr<ActorLoop> loop;
  std::function<bool()> stop;
};

// Observation [tag, step, sum] number `row` of environment `e`.
std::array<float, 3> Observation(const Unrolls& unrolls, int64_t row, int64_t e) {
  const std::vector<float> column = Column<float>(unrolls, kObservation);
  const size_t at = static_cast<size_t>((row * kEnvironments + e) * 3);
  return {column[at], column[at + 1], column[at + 2]};
}

TEST(ActorLoopTest, TenUnrollsHoldAnEpisodesStepsEachOnce) {
  Fixture fixture(1e9, 200, 10);
  ASSERT_TRUE(fixture.loop->Run().ok());
  const std::vector<Unrolls>& sent = fixture.transport.sent;
  ASSERT_EQ(sent.size(), 10U);
  for (int64_t e = 0; e < kEnvironments; ++e) {
    const float tag = Observation(sent[0], 0, e)[0];
    std::map<float, int> seen;
    for (const Unrolls& unrolls : sent) {
      for (int64_t t = 0; t < kSteps; ++t) {
        EXPECT_EQ(Observation(unrolls, t, e)[0], tag);
        ++seen[Observation(unrolls, t, e)[1]];
      }
    }
    EXPECT_EQ(seen.size(), 200U);
    for (int step = 0; step < 200; ++step) EXPECT_EQ(seen[static_cast<float>(step)], 1) << step;
  }
}

TEST(ActorLoopTest, AnUnrollsLastObservationIsTheNextOnesFirst) {
  Fixture fixture(1e9, 50, 10);
  ASSERT_TRUE(fixture.loop->Run().ok());
  const std::vector<Unrolls>& sent = fixture.transport.sent;
  for (size_t i = 0; i + 1 < sent.size(); ++i) {
    for (int64_t e = 0; e < kEnvironments; ++e) {
      EXPECT_EQ(Observation(sent[i], kSteps, e), Observation(sent[i + 1], 0, e));
    }
    EXPECT_LE(sent[i].started_unix_micros(), sent[i + 1].started_unix_micros());
  }
}

TEST(ActorLoopTest, ATruncatedEpisodeLeavesItsFinalObservation) {
  Fixture fixture(1e9, 200, 10);
  ASSERT_TRUE(fixture.loop->Run().ok());
  for (size_t i = 0; i < 9; ++i) EXPECT_EQ(fixture.transport.sent[i].finals_size(), 0);
  const Unrolls& last = fixture.transport.sent[9];
  const std::vector<uint8_t> ends = Column<uint8_t>(last, kEnd);
  const std::vector<float> finals = Column<float>(last, kFinalObservation);
  ASSERT_EQ(last.finals_size(), kEnvironments);
  ASSERT_EQ(finals.size(), kEnvironments * 3U);
  ASSERT_EQ(last.episodes_size(), kEnvironments);
  for (int e = 0; e < kEnvironments; ++e) {
    EXPECT_EQ(ends[static_cast<size_t>((kSteps - 1) * kEnvironments + e)], 2);
    EXPECT_EQ(last.finals(e).step(), kSteps - 1U);
    EXPECT_EQ(last.finals(e).environment(), static_cast<uint32_t>(e));
    EXPECT_EQ(finals[static_cast<size_t>(e) * 3], Observation(last, 0, e)[0]);  // the old tag
    EXPECT_EQ(finals[static_cast<size_t>(e) * 3 + 1], 200);
    EXPECT_NE(Observation(last, kSteps, e)[0], Observation(last, 0, e)[0]);  // the next episode
    EXPECT_EQ(Observation(last, kSteps, e)[1], 0);
    EXPECT_EQ(last.episodes(e).return_(), 200);
    EXPECT_EQ(last.episodes(e).length(), 200U);
  }
}

TEST(ActorLoopTest, ATerminatedEpisodeEndsAtItsStep) {
  Fixture fixture(7, 0, 1);
  ASSERT_TRUE(fixture.loop->Run().ok());
  const Unrolls& unrolls = fixture.transport.sent[0];
  const std::vector<uint8_t> ends = Column<uint8_t>(unrolls, kEnd);
  for (int64_t t = 0; t < kSteps; ++t) {
    EXPECT_EQ(ends[static_cast<size_t>(t * kEnvironments)], t % 7 == 6 ? 1 : 0) << t;
    EXPECT_EQ(Observation(unrolls, t, 0)[1], static_cast<float>(t % 7)) << t;
  }
  EXPECT_EQ(unrolls.finals_size(), 0);
  EXPECT_EQ(unrolls.episodes_size(), 2 * kEnvironments);
  EXPECT_EQ(Column<float>(unrolls, kReward), std::vector<float>(kSteps * kEnvironments, 1));
  EXPECT_EQ(Column<int32_t>(unrolls, kAction), std::vector<int32_t>(kSteps * kEnvironments, 1));
}

TEST(ActorLoopTest, VersionsAreThoseThatActed) {
  const auto version = [](uint64_t step) { return 100 + step / 7; };
  Fixture fixture(1e9, 200, 5, version);
  ASSERT_TRUE(fixture.loop->Run().ok());
  for (size_t i = 0; i < 5; ++i) {
    const Unrolls& unrolls = fixture.transport.sent[i];
    const std::vector<float> log_prob = Column<float>(unrolls, kLogProb);
    ASSERT_GT(unrolls.versions_size(), 0);
    EXPECT_EQ(unrolls.versions(0).first_step(), 0U);
    int run = 0;
    for (uint32_t t = 0; t < kSteps; ++t) {
      if (run + 1 < unrolls.versions_size() && unrolls.versions(run + 1).first_step() == t) ++run;
      EXPECT_EQ(unrolls.versions(run).version(), version(i * kSteps + t)) << i << " " << t;
      EXPECT_EQ(log_prob[t * kEnvironments], -static_cast<float>(unrolls.versions(run).version()));
    }
    EXPECT_EQ(run + 1, unrolls.versions_size());
  }
}

TEST(ActorLoopTest, HasCreditsBeforeItActs) {
  Fixture fixture(1e9, 200, 3);
  std::vector<uint64_t> steps;
  fixture.transport.on_acquire = [&] { steps.push_back(fixture.policy.steps); };
  ASSERT_TRUE(fixture.loop->Run().ok());
  EXPECT_EQ(steps, (std::vector<uint64_t>{0, kSteps, 2 * kSteps, 3 * kSteps}));
}

TEST(ActorLoopTest, GoesOnAfterALostUnroll) {
  Fixture fixture(1e9, 200, 3);
  fixture.transport.on_send = [](size_t attempt) {
    return attempt == 2 ? absl::AbortedError("lost") : absl::OkStatus();
  };
  ASSERT_TRUE(fixture.loop->Run().ok());
  ASSERT_EQ(fixture.transport.sent.size(), 2U);
  EXPECT_EQ(Observation(fixture.transport.sent[0], 0, 0)[1], 0);
  EXPECT_EQ(Observation(fixture.transport.sent[1], 0, 0)[1], 40);
}

TEST(ActorLoopTest, EndsInTheMidstOfAnUnroll) {
  Fixture fixture(1e9, 200, 10);
  fixture.stop = [&] { return fixture.policy.steps == 30; };
  EXPECT_TRUE(fixture.loop->Run().ok());
  EXPECT_EQ(fixture.policy.steps, 30U);
  EXPECT_EQ(fixture.transport.sent.size(), 1U);
}

TEST(ActorLoopTest, EndsWithTheTransportsError) {
  Fixture fixture(1e9, 200, 10);
  fixture.transport.on_send = [](size_t) { return absl::InvalidArgumentError("does not fit"); };
  EXPECT_TRUE(absl::IsInvalidArgument(fixture.loop->Run()));
}

TEST(ActorLoopTest, LeavesAnUnrollWhenTheTransportFailsMeanwhile) {
  Fixture fixture(1e9, 200, 10);
  fixture.stop = [&] {
    if (fixture.policy.steps == 30) fixture.transport.failure = absl::DataLossError("broken");
    return false;
  };
  EXPECT_TRUE(absl::IsDataLoss(fixture.loop->Run()));
  EXPECT_EQ(fixture.transport.sent.size(), 1U);
  EXPECT_LE(fixture.policy.steps, 31U);
}

TEST(ActorLoopTest, AccountsForAllOfItsTime) {
  Fixture fixture(7, 0, 500);
  const auto start = std::chrono::steady_clock::now();
  ASSERT_TRUE(fixture.loop->Run().ok());
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  const ActorProgress& progress = fixture.loop->progress();
  const double parts = progress.environment + progress.inference + progress.encode + progress.wait;
  EXPECT_LE(parts, elapsed.count());
  EXPECT_GE(parts, 0.95 * elapsed.count());
  EXPECT_EQ(progress.steps, 500U * kSteps * kEnvironments);
  EXPECT_EQ(progress.episodes, 500U * kSteps / 7 * kEnvironments);
  EXPECT_EQ(progress.unrolls, 500U);
  EXPECT_EQ(progress.version, 1U);
}

}  // namespace
}  // namespace drover
