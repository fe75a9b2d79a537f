#include "coordinator/dashboard/dashboard.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "common/file.h"

namespace drover {
namespace {

using nlohmann::json;

class DashboardTest : public ::testing::Test {
 protected:
  DashboardTest() {
    EXPECT_TRUE(WriteFile(directory_.path() + "/metrics.jsonl", "").ok());
    EXPECT_TRUE(WriteFile(directory_.path() + "/config.textproto", "name: \"x\"\n").ok());
    Dashboard::Options options;
    options.http.address = "127.0.0.1:0";
    options.run_dir = directory_.path();
    options.status = [this] { return Status(); };
    options.event_counts = [] { return std::map<Event::Kind, uint64_t>{{Event::refused, 4}}; };
    auto dashboard = Dashboard::Start(std::move(options));
    EXPECT_TRUE(dashboard.ok()) << dashboard.status();
    dashboard_ = *std::move(dashboard);
    client_ = std::make_unique<httplib::Client>(dashboard_->url());
  }

  StatusReply Status() {
    const uint64_t asked = ++asked_;
    StatusReply status;
    status.set_state(RunState::running);
    status.set_uptime_seconds(static_cast<double>(asked));
    status.mutable_experiment()->set_name("<b>name</b>");
    status.mutable_experiment()->mutable_target()->set_return_(5);
    status.mutable_learner()->set_frames(100 * asked);
    status.mutable_learner()->set_trained_frames(80 * asked);
    status.mutable_learner()->set_seconds(static_cast<double>(asked));
    MemberStatus* actor = status.add_members();
    actor->set_alive(true);
    actor->set_seconds_since_registration(static_cast<double>(asked));
    actor->mutable_member()->set_role(Role::actor);
    actor->mutable_member()->set_index(2);
    actor->mutable_member()->set_host("node7");
    actor->mutable_report()->mutable_actor()->set_steps(50 * asked);
    actor->mutable_report()->mutable_actor()->set_version(9);
    actor->mutable_report()->mutable_usage()->set_resident_bytes(64 << 20);
    Wait* wait = actor->mutable_report()->add_waits();
    wait->set_on("credits");
    wait->set_seconds(3);
    Event* event = status.add_events();
    event->set_kind(Event::lost);
    event->set_text("actor 1");
    return status;
  }

  std::string Get(const std::string& path) {
    const auto reply = client_->Get(path);
    EXPECT_TRUE(reply != nullptr && reply->status == 200) << path;
    return reply == nullptr ? "" : reply->body;
  }

  TempDirectory directory_ = *TempDirectory::Make();
  std::atomic<uint64_t> asked_{0};
  std::unique_ptr<Dashboard> dashboard_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(DashboardTest, ServesAllThatThePageNeedsItself) {
  const std::string page = Get("/");
  for (const char* file :
       {"/style.css", "/chart.min.js", "/format.js", "/charts.js", "/tables.js", "/app.js"}) {
    EXPECT_TRUE(absl::StrContains(page, file)) << file;
    EXPECT_GT(Get(file).size(), 500u) << file;
  }
  EXPECT_FALSE(absl::StrContains(page, "http://") || absl::StrContains(page, "https://"));
  EXPECT_EQ(asked_, 0u) << "nobody has looked at the run yet";
}

TEST_F(DashboardTest, TheViewHasWhatThePageShows) {
  const json first = json::parse(Get("/api/status"));
  EXPECT_EQ(first["name"], "<b>name</b>");
  EXPECT_EQ(first["state"], "running");
  EXPECT_EQ(first["return"], nullptr);
  EXPECT_EQ(first["target"], 5);
  EXPECT_EQ(first["rates"]["trained"], 80);
  EXPECT_EQ(first["rates"]["samples_per_insert"], nullptr);
  EXPECT_EQ(first["waits"][0]["on"], "credits");
  EXPECT_EQ(first["events"][0]["kind"], "lost");
  const json member = first["members"][0];
  EXPECT_EQ(member[0], "actor");
  EXPECT_EQ(member[2], "node7");
  EXPECT_EQ(member[6], 9);   // version
  EXPECT_EQ(member[7], 50);  // steps a second
  EXPECT_EQ(member[8], 64);  // MiB
}

TEST_F(DashboardTest, IsComputedOnceASecondHoweverManyLook) {
  for (int i = 0; i < 5; ++i) Get("/api/status");
  EXPECT_LE(asked_, 2u);
}

TEST_F(DashboardTest, EventsGoOn) {
  std::string received;
  client_->Get("/events", [&](const char* data, size_t size) {
    received.append(data, size);
    return !absl::StrContains(received, "\"uptime\":2");
  });
  EXPECT_TRUE(absl::StartsWith(received, "data: {"));
  EXPECT_TRUE(absl::StrContains(received, "\"uptime\":1"));
}

TEST_F(DashboardTest, MetricsOfTheRunAndOfItsMembers) {
  const auto reply = client_->Get("/metrics");
  EXPECT_TRUE(absl::StartsWith(reply->get_header_value("Content-Type"), "text/plain; version="));
  for (const char* line :
       {"drover_run_state{state=\"running\"} 1\n", "drover_run_members{role=\"actor\"} 1\n",
        "drover_coordinator_events_total{kind=\"refused\"} 4\n", "drover_run_target_return 5\n",
        "drover_actor_steps_total{role=\"actor\",index=\"2\",host=\"node7\"} 50\n"}) {
    EXPECT_TRUE(absl::StrContains(reply->body, line)) << line << reply->body;
  }
}

TEST_F(DashboardTest, RunsAndConfigs) {
  EXPECT_EQ(json::parse(Get("/api/runs"))[0]["current"], true);
  EXPECT_EQ(Get("/api/curve"), "[]");
  EXPECT_EQ(Get("/api/config"), "name: \"x\"\n");
  EXPECT_EQ(client_->Get("/api/curve?run=..%2F..")->status, 404);
}

}  // namespace
}  // namespace drover
