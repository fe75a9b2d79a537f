#include "cli/top_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace drover {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

MemberStatus MemberOf(Role::Kind role, uint32_t index, double seconds,
                      const std::map<std::string, double>& metrics) {
  MemberStatus member;
  member.set_alive(true);
  member.set_seconds_since_registration(seconds);
  member.mutable_member()->set_role(role);
  member.mutable_member()->set_member_id(1000 * role + index);
  member.mutable_member()->set_index(index);
  member.mutable_member()->set_host("node7");
  for (const auto& [name, value] : metrics)
    (*member.mutable_report()->mutable_metrics())[name] = value;
  return member;
}

StatusReply RunOf(uint32_t actors) {
  StatusReply status;
  status.set_state(RunState::running);
  status.mutable_experiment()->set_name("cartpole");
  *status.add_members() =
      MemberOf(Role::learner, 0, 10, {{"wait_seconds", 9}, {"optimizer_seconds", 1}});
  for (uint32_t i = 0; i < actors; ++i) {
    MemberStatus actor = MemberOf(Role::actor, i, 10, {{"environment_seconds", 10}});
    actor.mutable_report()->mutable_actor()->set_steps(5000);
    actor.mutable_report()->mutable_actor()->set_version(7);
    *status.add_members() = actor;
  }
  Wait* wait = status.mutable_members(0)->mutable_report()->add_waits();
  wait->set_on("unrolls");
  wait->set_seconds(3);
  Event* event = status.add_events();
  event->set_kind(Event::lost);
  event->set_text("actor 9 on node8");
  status.set_dashboard("http://127.0.0.1:8080");
  return status;
}

TEST(TopTextTest, SaysWhatHoldsTheRunUpAndWhoWaits) {
  const std::string text = TopText(StatusReply(), RunOf(2), 0, 0);
  EXPECT_THAT(text, HasSubstr("slowest  environment: actors step environments 100 %"));
  EXPECT_THAT(text, HasSubstr("what moves it: more actors"));
  EXPECT_THAT(text, HasSubstr("learner 0 train     optimiser 10 %  wait 90 %"));
  EXPECT_THAT(text, HasSubstr("waits for unrolls since 3.00 s"));
  EXPECT_THAT(text, HasSubstr("node7"));
  EXPECT_THAT(text, HasSubstr("v7         500/s"));
  EXPECT_THAT(text, HasSubstr("lost     actor 9 on node8"));
  EXPECT_THAT(text, HasSubstr("dashboard: http://127.0.0.1:8080"));
}

TEST(TopTextTest, FitsATerminal) {
  const std::string text = TopText(StatusReply(), RunOf(500), 30, 60);
  EXPECT_LT(std::count(text.begin(), text.end(), '\n'), 30);
  EXPECT_THAT(text, HasSubstr(" more\n"));
  EXPECT_THAT(text, HasSubstr("lost     actor 9"));
  size_t begin = 0;
  for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    size_t width = 0;
    for (size_t i = begin; i < end; ++i) width += (text[i] & 0xC0) != 0x80 ? 1 : 0;
    EXPECT_LE(width, 60u);
    begin = end + 1;
  }
}

TEST(TopTextTest, EachProcessIsShownOrCounted) {
  const std::string text = TopText(StatusReply(), RunOf(500), 30, 0);
  uint64_t shown = 0;
  for (size_t at = text.find("node7"); at != std::string::npos; at = text.find("node7", at + 1)) {
    ++shown;
  }
  EXPECT_GT(shown, 5u);
  EXPECT_THAT(text, HasSubstr(absl::StrCat("… and ", 501 - shown, " more\n")));
  // Of the threads of actors those of one, by which the page is not filled.
  EXPECT_THAT(text, HasSubstr("actor 0 act"));
  EXPECT_THAT(text, Not(HasSubstr("actor 1 act")));
}

TEST(TopTextTest, NeverHasMoreLinesThanTheTerminal) {
  for (const int lines : {1, 5, 10}) {
    const std::string text = TopText(StatusReply(), RunOf(500), lines, 60);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), lines - 1);
  }
}

TEST(TopTextTest, TheNewestEventsInCharactersNotBytes) {
  StatusReply status = RunOf(1);
  for (int i = 0; i < 20; ++i) {
    Event* const event = status.add_events();
    event->set_kind(Event::joined);
    event->set_text(absl::StrCat("actor ", i, ";"));
  }
  std::string wide;
  for (int i = 0; i < 100; ++i) wide += "ä";
  Event* const last = status.add_events();
  last->set_kind(Event::joined);
  last->set_text(wide);
  const std::string text = TopText(StatusReply(), status, 0, 60);
  EXPECT_THAT(text, HasSubstr("actor 19;"));
  EXPECT_THAT(text, Not(HasSubstr("actor 12;")));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\xA4'), 60 - 21) << text;  // of "ä" the second
}

TEST(TopTextTest, WhoIsGoneWaitsForNobody) {
  StatusReply status = RunOf(1);
  status.mutable_members(0)->set_alive(false);
  const std::string text = TopText(StatusReply(), status, 0, 0);
  EXPECT_THAT(text, HasSubstr("gone"));
  EXPECT_THAT(text, Not(HasSubstr("waits for")));
}

}  // namespace
}  // namespace drover
