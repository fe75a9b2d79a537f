// Topology a3c with real processes: actors compute gradients, the learner applies them as they
// come.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <cstring>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "agent/model/model.h"
#include "client/coordinator_session.h"
#include "common/rpc/address.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/text_proto.h"
#include "coordinator/coordinator_main.h"
#include "env/registry.h"
#include "proto/gradients.grpc.pb.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using Verdict = PushReply::Verdict;

constexpr uint64_t kGradientFrames = 40;  // of cartpole_a3c: 8 environments, 5 steps

class A3cTest : public ClusterTest {
 protected:
  std::vector<std::string> TrainCartPole(const std::string& algorithm, const std::string& dir,
                                         const std::string& frames,
                                         const std::vector<std::string>& more = {}) const {
    std::vector<std::string> words = {
        "train",     Runfile("configs/cartpole_" + algorithm + ".textproto"),
        "--run_dir", dir,
        "--set",     "evaluation.episodes=20"};
    for (const std::string& word : Budget(frames)) words.push_back(word);
    words.insert(words.end(), more.begin(), more.end());
    return Drover(words);
  }
};

TEST_F(A3cTest, Learns) {
  const Finished train = RunProgram(TrainCartPole("a3c", run_dir(), "160000"));
  ASSERT_TRUE(train.exit.ok()) << train.err;
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());
  const nlohmann::json summary = Summary();
  EXPECT_EQ(summary["topology"], "a3c");
  EXPECT_EQ(summary["end_reason"], "budget_spent");
  EXPECT_EQ(summary["frames"], 160000);
  const uint64_t dropped = summary["dropped_unrolls"];
  EXPECT_EQ(summary["updates"], 160000 / kGradientFrames - dropped / 8);
  EXPECT_LE(summary["policy_lag"]["max"], 16);
  EXPECT_GT(summary["policy_lag"]["mean"], 0.5);      // others' gradients came between
  EXPECT_GT(summary["eval"]["mean"], 40) << summary;  // at first about 10
  EXPECT_THAT(RunProgram(Drover({"status", run_dir()})).out, HasSubstr("budget spent"));
}

TEST_F(A3cTest, SaysHowStaleEachActorIs) {
  Program train(TrainCartPole("a3c", run_dir(), kManyFrames));
  WaitForFrames();
  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    if (!status.is_object()) return false;
    uint64_t stale = 0;
    for (const auto& member : status["members"]) {
      const bool acts = member["role"] == "actor";
      stale += acts && member["metrics"].value("policy_lag", 0.0) > 0.1 ? 1 : 0;
      if (acts) EXPECT_LE(member["metrics"].value("policy_lag_max", 0.0), 16);
    }
    return stale == 4;
  })) << Status();
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
}

TEST_F(A3cTest, OneActorIsA2cBitForBit) {
  const std::vector<std::string> one = {"--actors", "1",
                                        "--set",    "actors.environments=4",
                                        "--set",    "returns.reward_scale=0.1",
                                        "--set",    "model.normalization.observations=true",
                                        "--set",    "model.normalization.returns=true"};
  std::vector<std::string> weights;
  std::vector<std::string> optimizers;
  for (const char* algorithm : {"a2c", "a3c"}) {
    const std::string dir = directory_.path() + "/" + algorithm;
    const Finished train = RunProgram(TrainCartPole(algorithm, dir, "10000", one));
    ASSERT_TRUE(train.exit.ok()) << train.err;
    const nlohmann::json summary = nlohmann::json::parse(*ReadFile(dir + "/summary.json"));
    EXPECT_EQ(summary["updates"], 500);
    EXPECT_EQ(summary["policy_lag"]["max"], 0);
    const std::string last = dir + "/" + summary["checkpoint"].get<std::string>() + "/";
    weights.push_back(*ReadFile(last + "weights.safetensors"));
    optimizers.push_back(*ReadFile(last + "optimizer.safetensors"));
  }
  EXPECT_TRUE(weights[0] == weights[1]);
  EXPECT_TRUE(optimizers[0] == optimizers[1]);
}

TEST_F(A3cTest, ResumesAndStopsInOrder) {
  ASSERT_TRUE(RunProgram(TrainCartPole("a3c", run_dir(), "10000")).exit.ok());
  const uint64_t updates = Summary()["updates"];
  {
    Program train(TrainCartPole("a3c", run_dir(), kManyFrames, {"--resume"}));
    WaitForFrames(12000);
    train.Signal(SIGTERM);
    EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  }
  EXPECT_EQ(Summary()["end_reason"], "stopped");
  EXPECT_GT(Summary()["updates"], updates);
  EXPECT_EQ(mark_.Running(), std::vector<std::string>());
}

// One that joined the run, and pushes what it must not.
class WrongActor {
 public:
  explicit WrongActor(const std::string& coordinator) {
    CoordinatorSession::Options options;
    options.coordinator = coordinator;
    options.role = Role::actor;
    options.index = 9;
    options.endpoint = LocalEndpoint({});
    auto session = CoordinatorSession::Register(std::move(options));
    EXPECT_TRUE(session.ok()) << session.status();
    session_ = *std::move(session);
    const Experiment& experiment = session_->run().experiment();
    model_ = *Model::Make(experiment.model(), (*MakeEnvironment(experiment.environment()))->spec(),
                          experiment.seed());
    const auto learner = session_->WaitForPeer(Role::learner, 0, kTestLimit);
    EXPECT_TRUE(learner.ok()) << learner.status();
    stub_ = GradientService::NewStub(*MakeChannel(*learner, ChannelUse::kBulk));
  }

  // For weights.
  PushRequest Ask() {
    PushRequest request;
    const Identity identity = session_->identity();
    request.set_run_id(identity.run_id);
    request.set_member_id(identity.member_id);
    request.set_epoch(identity.epoch);
    request.set_table_version(identity.table_version);
    request.set_layout_hash(model_->layout_hash());
    return request;
  }

  // A gradient of zeros, but for what `change` does.
  PushRequest Gradient(const std::function<void(PushRequest*)>& change = nullptr) {
    PushRequest request = Ask();
    request.set_sequence(++sequence_);
    request.set_version(1);
    request.set_gradient(std::string(model_->parameters().values().nbytes(), '\0'));
    if (change) change(&request);
    return request;
  }

  absl::StatusOr<PushReply> Push(const PushRequest& request) {
    absl::StatusOr<PushReply> reply;
    EXPECT_TRUE(WaitFor([&] {  // until the learner knows of this member
      reply = CallUnary(stub_.get(), &GradientService::Stub::Push, request, kTestLimit);
      return !absl::IsUnavailable(reply.status());
    }));
    return reply;
  }

  void Leave() { EXPECT_TRUE(session_->Leave(Report(), kTestLimit).ok()); }

 private:
  std::unique_ptr<CoordinatorSession> session_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<GradientService::Stub> stub_;
  uint64_t sequence_ = 0;
};

TEST_F(A3cTest, WrongGradientsAreRefusedAndCountedAndTheRunGoesOn) {
  Program train(TrainCartPole("a3c", run_dir(), kManyFrames, {"--actors", "2"}));
  WaitForFrames(100 * kGradientFrames);  // so that version 1 is old
  Endpoint coordinator;
  ASSERT_TRUE(ReadTextProto(Path(kAddressFile), &coordinator).ok());
  WrongActor actor(coordinator.addresses(0));
  const nlohmann::json before = Status();

  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto not_finite = actor.Push(actor.Gradient([&](PushRequest* request) {
    std::memcpy(request->mutable_gradient()->data(), &nan, sizeof(nan));
  }));
  ASSERT_TRUE(not_finite.ok()) << not_finite.status();
  EXPECT_EQ(not_finite->verdict(), Verdict::not_finite);
  const auto too_old = actor.Push(actor.Gradient());
  ASSERT_TRUE(too_old.ok()) << too_old.status();
  EXPECT_EQ(too_old->verdict(), Verdict::too_old);
  EXPECT_GE(too_old->version(), not_finite->version());
  EXPECT_EQ(too_old->last_sequence(), 2U);

  const std::vector<std::pair<absl::StatusCode, std::function<void(PushRequest*)>>> refused = {
      {absl::StatusCode::kInvalidArgument,
       [](PushRequest* r) { r->mutable_gradient()->resize(8); }},
      {absl::StatusCode::kInvalidArgument, [](PushRequest* r) { r->set_version(1ULL << 60); }},
      {absl::StatusCode::kFailedPrecondition, [](PushRequest* r) { r->set_layout_hash(1); }},
      {absl::StatusCode::kFailedPrecondition, [](PushRequest* r) { r->set_epoch(0); }},
      {absl::StatusCode::kResourceExhausted,
       [](PushRequest* r) { r->mutable_gradient()->resize(10000000); }},
  };
  for (const auto& [code, change] : refused) {
    EXPECT_EQ(actor.Push(actor.Gradient(change)).status().code(), code);
  }
  // One that fits is applied, once. The run goes on meanwhile, so the first may be late.
  PushRequest good;
  absl::StatusOr<PushReply> newest;
  ASSERT_TRUE(WaitFor([&] {
    newest = actor.Push(actor.Ask());
    if (!newest.ok()) return true;
    good = actor.Gradient([&](PushRequest* request) { request->set_version(newest->version()); });
    newest = actor.Push(good);
    return !newest.ok() || newest->verdict() == Verdict::applied;
  }));
  ASSERT_TRUE(newest.ok()) << newest.status();
  EXPECT_EQ(actor.Push(good)->verdict(), Verdict::repeated);

  ASSERT_TRUE(WaitFor([&] {
    const nlohmann::json status = Status();
    return status.is_object() && status["refused_streams"] == refused.size() &&
           status["frames"] > before["frames"].get<uint64_t>() + 100 * kGradientFrames;
  })) << Status();
  EXPECT_EQ(Status()["rejected_unrolls"], 8);
  EXPECT_GE(Status()["dropped_unrolls"], 8);
  actor.Leave();
  train.Signal(SIGTERM);
  EXPECT_TRUE(train.Wait().ok()) << train.Stderr();
  EXPECT_GT(Summary()["eval"]["mean"], 5);  // so its weights are numbers
}

}  // namespace
}  // namespace drover
