#include "replay/insert_service.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "common/rpc/channel.h"
#include "tests/replay/messages.h"
#include "tests/support/replay_server.h"
#include "tests/support/stream_client.h"

namespace drover {
namespace {

using testing::InsertOf;
using testing::kEnvironments;
using testing::kItemsAMessage;
using testing::kSteps;
using testing::MakeUnrolls;
using testing::ReplayHelloOf;
using testing::ReplayMembers;
using testing::ReplayServer;
using testing::SmallTable;
using testing::StreamClient;

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kInfinity = std::numeric_limits<float>::infinity();

ReplayServer::Options Limited(uint64_t max_diff) {
  ReplayServer::Options options;
  options.tables[0].rate_limit.max_diff = static_cast<double>(max_diff);
  return options;
}

class InsertServiceTest : public ::testing::Test {
 protected:
  void Serve(ReplayServer::Options options = {}) {
    server_ = std::make_unique<ReplayServer>(std::move(options));
    server_->Serve();
  }

  std::unique_ptr<StreamClient> Connect() {
    return std::make_unique<StreamClient>(MakeChannel(server_->address(), ChannelUse::kBulk),
                                          "/drover.ReplayService/Insert");
  }

  // Greets and reads Welcome.
  std::unique_ptr<StreamClient> Join(uint64_t member, uint64_t last_sequence = 0) {
    auto client = Connect();
    client->Send(ReplayHelloOf<InsertMessage>(member));
    const auto answer = client->Read<InsertAnswer>();
    EXPECT_TRUE(answer && answer->has_welcome());
    if (answer) EXPECT_EQ(answer->welcome().last_sequence(), last_sequence);
    return client;
  }

  // Reads until something else than a heartbeat comes.
  static InsertAnswer Read(StreamClient* client) {
    while (auto answer = client->Read<InsertAnswer>()) {
      if (!answer->has_heartbeat()) return *answer;
    }
    return {};
  }

  // Sends it and waits until it is acknowledged.
  static void Store(StreamClient* client, const InsertMessage& message) {
    ASSERT_TRUE(client->Send(message));
    EXPECT_EQ(Read(client).ack().sequence(), message.insert().unrolls().sequence());
  }

  InfoReply info() { return server_->services().info(); }

  std::unique_ptr<ReplayServer> server_;
};

TEST_F(InsertServiceTest, StoresWhatItAcknowledges) {
  Serve();
  auto client = Join(1);
  client->Send(InsertOf(MakeUnrolls(1, 0)));
  const InsertAnswer answer = Read(client.get());
  EXPECT_EQ(answer.ack().sequence(), 1U);
  EXPECT_EQ(answer.ack().frames(), kItemsAMessage);
  EXPECT_EQ(info().tables(0).size(), kItemsAMessage);
  EXPECT_EQ(info().counters().messages(), 1U);
  EXPECT_EQ(info().counters().writers(), 1U);
}

TEST_F(InsertServiceTest, TakesEachMessageOnce) {
  Serve();
  auto client = Join(1);
  Store(client.get(), InsertOf(MakeUnrolls(1, 0)));
  Store(client.get(), InsertOf(MakeUnrolls(1, 0)));
  auto again = Join(1, 1);
  Store(again.get(), InsertOf(MakeUnrolls(1, 0)));
  Store(again.get(), InsertOf(MakeUnrolls(2, 0)));
  EXPECT_EQ(info().tables(0).inserts(), 2 * kItemsAMessage);
  EXPECT_EQ(info().counters().frames(), 2 * kItemsAMessage);
  EXPECT_EQ(info().counters().repeated_messages(), 2U);
}

TEST_F(InsertServiceTest, SaysWhatItHasAfterARestart) {
  Serve();
  Store(Join(3).get(), InsertOf(MakeUnrolls(7, 0)));
  server_->Restart();
  Join(3, 7);
  Join(4, 0);
}

TEST_F(InsertServiceTest, ANewerStreamOfAMemberReplacesTheOlder) {
  Serve();
  auto older = Join(1);
  auto newer = Join(1);
  EXPECT_EQ(older->Finish().error_code(), grpc::StatusCode::ABORTED);
  Store(newer.get(), InsertOf(MakeUnrolls(1, 0)));
}

TEST_F(InsertServiceTest, FencesAnOldEpoch) {
  Serve();
  auto client = Join(1);
  server_->services().SetTable(ReplayMembers(2, testing::kReplayEpoch + 1));
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::FAILED_PRECONDITION);
}

TEST_F(InsertServiceTest, RejectsWhatIsNotFiniteAndGoesOn) {
  Serve();
  auto client = Join(1);
  for (const float bad : {kNaN, kInfinity}) {
    const uint64_t sequence = std::isnan(bad) ? 1 : 2;
    Unrolls unrolls = MakeUnrolls(sequence, 0);
    testing::Set(&unrolls, testing::kRewardLeaf, 2, bad);
    client->Send(InsertOf(unrolls));
    const InsertAnswer answer = Read(client.get());
    EXPECT_EQ(answer.rejected().sequence(), sequence);
    EXPECT_NE(answer.rejected().reason().find("reward"), std::string::npos);
  }
  Store(client.get(), InsertOf(MakeUnrolls(3, 0)));
  EXPECT_EQ(info().counters().rejected_messages(), 2U);
  EXPECT_EQ(info().counters().frames(), kItemsAMessage);
  EXPECT_EQ(info().tables(0).size(), kItemsAMessage);
  client.reset();
  Join(1, 3);
}

// A window of two steps that begins in the message before.
InsertMessage Overlapping(uint64_t sequence) {
  InsertMessage message = InsertOf(MakeUnrolls(sequence, 0));
  TableItems* items = message.mutable_insert()->mutable_items(0);
  items->clear_environments();
  items->clear_first_steps();
  items->add_environments(1);
  items->add_first_steps(-1);
  return message;
}

TEST_F(InsertServiceTest, LeavesOutItemsWhoseBeginningIsNotThere) {
  ReplayServer::Options options;
  options.tables[0].steps = 2;
  Serve(options);
  auto client = Join(1);
  Store(client.get(), Overlapping(1));  // there is no message before
  Store(client.get(), Overlapping(2));
  EXPECT_EQ(info().tables(0).size(), 1U);
  EXPECT_EQ(info().counters().incomplete_items(), 1U);
  Unrolls bad = MakeUnrolls(3, 0);
  testing::Set(&bad, testing::kRewardLeaf, 0, kNaN);
  client->Send(InsertOf(bad));
  EXPECT_TRUE(Read(client.get()).has_rejected());
  Store(client.get(), Overlapping(4));
  EXPECT_EQ(info().tables(0).size(), 1U);
  EXPECT_EQ(info().counters().incomplete_items(), 2U);
}

TEST_F(InsertServiceTest, AMessageThatTheLimiterHoldsBackWaits) {
  Serve(Limited(2 * kItemsAMessage));
  auto client = Join(1);
  Store(client.get(), InsertOf(MakeUnrolls(1, 0)));
  Store(client.get(), InsertOf(MakeUnrolls(2, 0)));
  client->Send(InsertOf(MakeUnrolls(3, 0)));
  ASSERT_TRUE(server_->WaitFor(
      [](const InfoReply& info) { return info.tables(0).insert_wait_current() > 0; }));
  EXPECT_EQ(info().tables(0).inserts(), 2 * kItemsAMessage);
  SampledBatch batch(kSteps);
  ASSERT_TRUE(server_->store().table(0).TrySample(kItemsAMessage, &batch));
  EXPECT_EQ(Read(client.get()).ack().sequence(), 3U);
  EXPECT_EQ(info().tables(0).insert_wait_current(), 0);
  EXPECT_GT(info().tables(0).insert_wait_seconds(), 0);
}

// A learner that is the bottleneck: no writer may be left behind by the others.
TEST_F(InsertServiceTest, WritersAtTheLimiterTakeTurns) {
  constexpr uint64_t kWriters = 4;
  constexpr uint64_t kRounds = 5;
  Serve(Limited(kItemsAMessage));
  std::vector<std::unique_ptr<StreamClient>> clients;
  for (uint64_t writer = 0; writer < kWriters; ++writer) {
    clients.push_back(Join(writer + 1));
    for (uint64_t sequence = 1; sequence <= 2 * kRounds; ++sequence) {
      ASSERT_TRUE(clients.back()->Send(InsertOf(MakeUnrolls(sequence, writer))));
    }
    ASSERT_TRUE(server_->WaitFor([&](const InfoReply&) {
      return server_->store().table(0).status().insert.waiting == writer + 1;
    }));
  }
  // The first has one message in, and waits with its second.
  EXPECT_EQ(Read(clients[0].get()).ack().sequence(), 1U);
  Table& table = server_->store().table(0);
  SampledBatch batch(kSteps);
  for (uint64_t message = 1; message <= kWriters * kRounds; ++message) {
    ASSERT_TRUE(table.TrySample(kItemsAMessage, &batch));
    // Whose answer has come is not in the line any more, until it waits again.
    const uint64_t writer = (message - 1) % kWriters;
    const uint64_t sequence = (message - 1) / kWriters + (writer == 0 ? 2 : 1);
    ASSERT_EQ(Read(clients[writer].get()).ack().sequence(), sequence);
    ASSERT_TRUE(server_->WaitFor(
        [&](const InfoReply&) { return table.status().insert.waiting == kWriters; }));
  }
  for (uint64_t writer = 0; writer < kWriters; ++writer) {
    const uint64_t sequence =
        server_->store().Greet(writer + 1, testing::kReplayEpoch).last_sequence;
    EXPECT_EQ(sequence, kRounds + (writer == 0 ? 1 : 0)) << writer;
  }
}

TEST_F(InsertServiceTest, WhoWaitsAndGoesLeavesNothingBehind) {
  Serve(Limited(kItemsAMessage));
  auto client = Join(1);
  Store(client.get(), InsertOf(MakeUnrolls(1, 0)));
  client->Send(InsertOf(MakeUnrolls(2, 0)));
  ASSERT_TRUE(server_->WaitFor(
      [](const InfoReply& info) { return info.tables(0).insert_wait_current() > 0; }));
  client->Cancel();
  client.reset();
  ASSERT_TRUE(server_->WaitFor([](const InfoReply& info) {
    return info.tables(0).insert_wait_current() == 0 && info.counters().writers() == 0;
  }));
  auto again = Join(1, 1);
  again->Send(InsertOf(MakeUnrolls(2, 0)));
  SampledBatch batch(kSteps);
  ASSERT_TRUE(server_->store().table(0).TrySample(kItemsAMessage, &batch));
  EXPECT_EQ(Read(again.get()).ack().sequence(), 2U);
}

TEST_F(InsertServiceTest, WhoGoesLeavesItsTurnToTheNext) {
  Serve(Limited(kItemsAMessage));
  auto first = Join(1);
  Store(first.get(), InsertOf(MakeUnrolls(1, 0)));
  const auto wait = [&](StreamClient* client, uint64_t sequence, uint64_t waiting) {
    client->Send(InsertOf(MakeUnrolls(sequence, 0)));
    ASSERT_TRUE(server_->WaitFor([&](const InfoReply&) {
      return server_->store().table(0).status().insert.waiting == waiting;
    }));
  };
  wait(first.get(), 2, 1);
  auto second = Join(2);
  wait(second.get(), 1, 2);
  first->Cancel();
  first.reset();
  ASSERT_TRUE(
      server_->WaitFor([](const InfoReply& info) { return info.counters().writers() == 1; }));
  SampledBatch batch(kSteps);
  ASSERT_TRUE(server_->store().table(0).TrySample(kItemsAMessage, &batch));
  EXPECT_EQ(Read(second.get()).ack().sequence(), 1U);
}

TEST_F(InsertServiceTest, HeartbeatsKeepAWaitingWriter) {
  ReplayServer::Options options = Limited(kItemsAMessage);
  options.limits = {std::chrono::milliseconds(10), std::chrono::milliseconds(300)};
  Serve(options);
  auto client = Join(1);
  Store(client.get(), InsertOf(MakeUnrolls(1, 0)));
  client->Send(InsertOf(MakeUnrolls(2, 0)));
  // Three times the silence that is granted: it is the server that does not listen.
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(900);
  while (std::chrono::steady_clock::now() < end) {
    ASSERT_TRUE(client->Read<InsertAnswer>()->has_heartbeat());
  }
}

TEST_F(InsertServiceTest, ClosesWhoFallsSilent) {
  ReplayServer::Options options;
  options.limits = {std::chrono::milliseconds(1000), std::chrono::seconds(1)};
  Serve(options);
  EXPECT_EQ(Join(1)->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_F(InsertServiceTest, TakesNothingPastTheBudget) {
  ReplayServer::Options options;
  options.max_frames = 2 * kItemsAMessage + 1;
  Serve(options);
  auto client = Join(1);
  Store(client.get(), InsertOf(MakeUnrolls(1, 0)));
  Store(client.get(), InsertOf(MakeUnrolls(2, 0)));
  EXPECT_TRUE(Read(client.get()).has_drain());
  client->Send(InsertOf(MakeUnrolls(3, 0)));
  auto other = Join(2);
  EXPECT_TRUE(Read(other.get()).has_drain());
  ASSERT_TRUE(
      server_->WaitFor([](const InfoReply& info) { return info.counters().late_messages() == 1; }));
  EXPECT_EQ(info().counters().frames(), 2 * kItemsAMessage);
  EXPECT_EQ(info().tables(0).size(), 2 * kItemsAMessage);
}

// ---- What it refuses.

TEST_F(InsertServiceTest, RefusesWhoMayNotWrite) {
  Serve();
  struct {
    std::function<void(ReplayHello*)> change;
    grpc::StatusCode code;
  } cases[] = {
      {[](ReplayHello* h) { h->set_member_id(77); }, grpc::StatusCode::NOT_FOUND},
      {[](ReplayHello* h) { h->set_member_id(testing::kLearnerMember); },
       grpc::StatusCode::NOT_FOUND},
      {[](ReplayHello* h) { h->set_run_id("other"); }, grpc::StatusCode::FAILED_PRECONDITION},
      {[](ReplayHello* h) { h->set_epoch(testing::kReplayEpoch - 1); },
       grpc::StatusCode::FAILED_PRECONDITION},
      {[](ReplayHello* h) { h->set_spec_hash(1); }, grpc::StatusCode::FAILED_PRECONDITION},
      {[](ReplayHello* h) { h->set_environments(0); }, grpc::StatusCode::INVALID_ARGUMENT},
      {[](ReplayHello* h) { h->set_environments(70000); }, grpc::StatusCode::INVALID_ARGUMENT},
  };
  uint64_t refused = 0;
  for (const auto& test : cases) {
    SCOPED_TRACE(++refused);
    InsertMessage hello = ReplayHelloOf<InsertMessage>(1);
    test.change(hello.mutable_hello());
    auto client = Connect();
    client->Send(hello);
    EXPECT_EQ(client->Finish().error_code(), test.code);
    EXPECT_EQ(info().counters().refused_streams(), refused);
  }
}

TEST_F(InsertServiceTest, RefusesWhatMakesNoSense) {
  Serve();
  struct {
    const char* name;
    std::function<void(InsertMessage*)> change;
    grpc::StatusCode code = grpc::StatusCode::INVALID_ARGUMENT;
  } cases[] = {
      {"empty", [](InsertMessage* m) { m->Clear(); }},
      {"a second Hello", [](InsertMessage* m) { *m = ReplayHelloOf<InsertMessage>(1); }},
      {"sequence 0",
       [](InsertMessage* m) { m->mutable_insert()->mutable_unrolls()->set_sequence(0); }},
      {"a column too few",
       [](InsertMessage* m) {
         m->mutable_insert()->mutable_unrolls()->mutable_columns()->RemoveLast();
       }},
      {"half a column",
       [](InsertMessage* m) {
         m->mutable_insert()->mutable_unrolls()->mutable_columns(0)->pop_back();
       }},
      {"a wrong table",
       [](InsertMessage* m) { m->mutable_insert()->mutable_items(0)->set_table("x"); }},
      {"a table twice",
       [](InsertMessage* m) { *m->mutable_insert()->add_items() = m->insert().items(0); }},
      {"an environment too high",
       [](InsertMessage* m) {
         m->mutable_insert()->mutable_items(0)->set_environments(0, kEnvironments);
       }},
      {"a window before all that can be",
       [](InsertMessage* m) { m->mutable_insert()->mutable_items(0)->set_first_steps(0, -1); }},
      {"a window past the end",
       [](InsertMessage* m) { m->mutable_insert()->mutable_items(0)->set_first_steps(0, kSteps); }},
      {"fewer steps than environments",
       [](InsertMessage* m) {
         m->mutable_insert()->mutable_items(0)->mutable_first_steps()->RemoveLast();
       }},
      {"a priority too few",
       [](InsertMessage* m) {
         m->mutable_insert()->mutable_items(0)->mutable_priorities()->RemoveLast();
       }},
      {"a negative priority",
       [](InsertMessage* m) { m->mutable_insert()->mutable_items(0)->set_priorities(3, -1); }},
      {"a priority of NaN",
       [](InsertMessage* m) { m->mutable_insert()->mutable_items(0)->set_priorities(3, kNaN); }},
      {"an infinite priority",
       [](InsertMessage* m) {
         m->mutable_insert()->mutable_items(0)->set_priorities(3, kInfinity);
       }},
      {"an oversized message",
       [](InsertMessage* m) {
         m->mutable_insert()->mutable_unrolls()->set_state(std::string(100'000, 'x'));
       },
       grpc::StatusCode::RESOURCE_EXHAUSTED},
  };
  uint64_t refused = 0;
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    InsertMessage message =
        InsertOf(MakeUnrolls(1, 0), "table", std::vector<float>(kItemsAMessage, 1));
    test.change(&message);
    auto client = Join(1);
    client->Send(message);
    EXPECT_EQ(client->Finish().error_code(), test.code);
    ++refused;
    EXPECT_TRUE(server_->WaitFor([refused](const InfoReply& info) {
      return info.counters().refused_streams() == refused && info.counters().writers() == 0;
    }));
    EXPECT_EQ(info().tables(0).size(), 0U);
    EXPECT_EQ(info().counters().frames(), 0U);
  }
  auto client = Connect();
  client->SendBytes("\xff\xff");
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  client = Connect();
  client->SendBytes(std::string(5000, '\0'));
  EXPECT_EQ(client->Finish().error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  // And lives.
  Store(Join(1).get(), InsertOf(MakeUnrolls(1, 0)));
}

}  // namespace
}  // namespace drover
