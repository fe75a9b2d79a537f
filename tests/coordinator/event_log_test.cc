#include "coordinator/event_log.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

std::vector<std::string> Texts(const EventLog& log) {
  StatusReply status;
  log.AddTo(&status);
  std::vector<std::string> texts;
  for (const Event& event : status.events()) {
    texts.push_back(Event::Kind_Name(event.kind()) + ": " + event.text());
  }
  return texts;
}

TEST(EventLogTest, KeepsTheNewestHundred) {
  EventLog log;
  for (int i = 0; i < 150; ++i) log.Add(Event::joined, "actor " + std::to_string(i));
  const std::vector<std::string> texts = Texts(log);
  ASSERT_EQ(texts.size(), EventLog::kKept);
  EXPECT_EQ(texts.front(), "joined: actor 50");
  EXPECT_EQ(texts.back(), "joined: actor 149");
  EXPECT_EQ(log.counts().at(Event::joined), 150u);
}

TEST(EventLogTest, WhatRepeatsIsCountedAndPushesNothingOut) {
  EventLog log;
  log.Add(Event::joined, "learner 0");
  for (int i = 0; i < 500; ++i) log.Add(Event::refused, "a stranger");
  EXPECT_EQ(Texts(log),
            (std::vector<std::string>{"joined: learner 0", "refused: a stranger (500 times)"}));
}

TEST(EventLogTest, LongTextsAreCut) {
  EventLog log;
  log.Add(Event::refused, std::string(100000, 'x'));
  EXPECT_LT(Texts(log).front().size(), 400u);
}

TEST(EventLogTest, TellsWhatReportsComplainOf) {
  Member learner;
  learner.set_role(Role::learner);
  learner.set_host("node7");
  Report before;
  before.mutable_learner()->set_refused_streams(1);
  Report now = before;
  EventLog log;
  log.Compare(learner, before, now);
  EXPECT_TRUE(Texts(log).empty());

  now.mutable_learner()->set_refused_streams(2);
  now.mutable_learner()->set_rejected_unrolls(1);
  now.mutable_learner()->set_checkpoint_error("disk full");
  log.Compare(learner, before, now);
  log.Compare(learner, now, now);
  log.Compare(learner, now, before);  // written again; counters fall where it was started anew
  EXPECT_EQ(Texts(log), (std::vector<std::string>{
                            "refused: learner 0 on node7 refused what a peer sent",
                            "alarm: learner 0 on node7 rejects steps: NaN or infinite",
                            "alarm: learner 0 on node7 cannot write a checkpoint: disk full",
                            "alarm: learner 0 on node7 writes checkpoints again"}));
}

TEST(EventLogTest, AlsoOfReplayServersAndOfPeersWithoutRights) {
  Member replay;
  replay.set_role(Role::replay);
  Report now;
  now.mutable_replay()->set_refused_calls(1);
  now.mutable_replay()->set_rejected_messages(1);
  now.mutable_replay()->set_checkpoint_error("disk full");
  (*now.mutable_metrics())["refused_peers"] = 1;
  EventLog log;
  log.Compare(replay, Report(), now);
  EXPECT_EQ(Texts(log),
            (std::vector<std::string>{
                "refused: replay 0 refused what a peer sent",
                "refused: replay 0 refused a peer: its certificate or token; its log says",
                "alarm: replay 0 rejects steps: NaN or infinite",
                "alarm: replay 0 cannot write a checkpoint: disk full"}));
}

}  // namespace
}  // namespace drover
