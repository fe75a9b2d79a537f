#include "replay/replay_reporter.h"

#include <gtest/gtest.h>

namespace drover {
namespace {

InfoReply Info(uint64_t inserts, uint64_t samples) {
  InfoReply info;
  TableInfo* table = info.add_tables();
  table->set_name("table");
  table->set_size(7);
  table->set_capacity(10);
  table->set_mass(3.5);
  table->set_inserts(inserts);
  table->set_samples(samples);
  table->set_stale_keys(11);
  table->set_unknown_keys(12);
  table->set_refused_updates(13);
  info.mutable_counters()->set_frames(99);
  info.mutable_counters()->set_refused_calls(14);
  info.mutable_counters()->set_late_messages(15);
  info.mutable_counters()->set_incomplete_items(16);
  info.mutable_counters()->set_checkpoint_error("disk full");
  return info;
}

TEST(ReplayReporter, SaysHowTablesStandAndHowFastTheyMove) {
  ReplayReporter reporter;
  Report report = reporter.Make(Info(100, 1000), 5);
  const ReplayTableReport* table = &report.replay().tables(0);
  EXPECT_EQ(table->name(), "table");
  EXPECT_EQ(table->size(), 7U);
  EXPECT_EQ(table->capacity(), 10U);
  EXPECT_EQ(table->mass(), 3.5);
  EXPECT_EQ(table->inserts(), 100U);
  EXPECT_EQ(table->inserts_per_second(), 0);  // there is none before
  EXPECT_EQ(report.replay().frames(), 99U);
  EXPECT_EQ(report.replay().checkpoint_error(), "disk full");
  EXPECT_EQ(report.waits_size(), 0);
  report = reporter.Make(Info(150, 1800), 7);
  table = &report.replay().tables(0);
  EXPECT_EQ(table->inserts_per_second(), 25);
  EXPECT_EQ(table->samples_per_second(), 400);
}

TEST(ReplayReporter, SaysWhatWasRefused) {
  const Report report = ReplayReporter().Make(Info(1, 1), 1);
  EXPECT_EQ(report.replay().tables(0).stale_keys(), 11U);
  EXPECT_EQ(report.replay().tables(0).unknown_keys(), 12U);
  EXPECT_EQ(report.replay().tables(0).refused_updates(), 13U);
  EXPECT_EQ(report.replay().refused_calls(), 14U);
  EXPECT_EQ(report.replay().late_messages(), 15U);
  EXPECT_EQ(report.replay().incomplete_items(), 16U);
}

TEST(ReplayReporter, SaysWhoWaits) {
  ReplayReporter reporter;
  InfoReply info = Info(1, 1);
  info.mutable_tables(0)->set_sample_wait_current(2);
  info.mutable_tables(0)->set_sample_wait_seconds(9);
  Report report = reporter.Make(info, 1);
  ASSERT_EQ(report.waits_size(), 1);
  EXPECT_EQ(report.waits(0).on(), "inserts (table)");
  EXPECT_EQ(report.waits(0).seconds(), 2);
  EXPECT_EQ(report.replay().tables(0).sample_blocked_seconds(), 9);
  info.mutable_tables(0)->set_sample_wait_current(0);
  info.mutable_tables(0)->set_insert_wait_current(3);
  report = reporter.Make(info, 2);
  ASSERT_EQ(report.waits_size(), 1);
  EXPECT_EQ(report.waits(0).on(), "samples (table)");
}

}  // namespace
}  // namespace drover
