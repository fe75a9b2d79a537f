// What `drover bench` prints of real processes; how fast they are is not asserted.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tests/support/cluster.h"

namespace drover {
namespace {

using ::testing::HasSubstr;

class BenchTest : public ClusterTest {
 protected:
  // Topologies name configs, not files; those of the current directory are found first.
  BenchTest() { std::filesystem::create_directory_symlink(Runfile("configs"), "configs"); }

  // The last line of what it prints; null, and a failure, where it fails.
  nlohmann::json Bench(std::vector<std::string> words) {
    words.insert(words.begin(), "bench");
    const Finished finished = RunProgram(Drover(words));
    EXPECT_TRUE(finished.exit.ok()) << finished.exit.ToString() << finished.out << finished.err;
    EXPECT_EQ(mark_.Running(), std::vector<std::string>());
    if (!finished.exit.ok()) return nullptr;
    out_ = finished.out;
    const std::vector<std::string> lines =
        absl::StrSplit(absl::StripSuffix(finished.out, "\n"), '\n');
    return nlohmann::json::parse(lines.back());
  }

  std::string out_;
};

TEST_F(BenchTest, ThroughputAccountsForEveryThreadAndProcess) {
  // The config's own target and budget do not end it.
  const nlohmann::json json =
      Bench({"throughput", Runfile("configs/catch_impala.textproto"), "--actors", "2",
             "--max_frames=1000", "--set", "target.return=-1", "--seconds", "3", "--warmup", "0",
             "--run_dir", run_dir()});
  ASSERT_TRUE(json.is_object());
  EXPECT_GE(json["seconds"], 3);
  for (const char* rate : {"frames_per_second", "received_frames_per_second", "versions_per_second",
                           "frames_per_cpu_second"}) {
    EXPECT_GT(json[rate], 0) << rate;
  }
  EXPECT_EQ(json["threads"].size(), 4U);  // two of the learner, one of each actor
  for (const auto& [name, parts] : json["threads"].items()) {
    EXPECT_GE(parts["sum"], 0.9) << name << parts;  // 0.95 on a machine that is not busy
    EXPECT_LE(parts["sum"], 1.1) << name << parts;
  }
  for (const char* name : {"coordinator", "learner 0", "actor 0", "actor 1", "launcher"}) {
    EXPECT_GT(json["processes"][name]["resident_bytes"], json["processes"][name]["private_bytes"]);
    EXPECT_GT(json["processes"][name]["private_bytes"], 0) << name;
  }
  EXPECT_THAT(out_, HasSubstr("policy lag"));
  EXPECT_EQ(Summary()["end_reason"], "stopped");
}

TEST_F(BenchTest, ThroughputOfATopologyIsOfThreeSizes) {
  const nlohmann::json json =
      Bench({"throughput", "--topology=a3c", "--seconds=1", "--warmup=0", "--set=model.layers=8"});
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["topology"], "a3c");
  EXPECT_EQ(json["config"], "cartpole_a3c");
  ASSERT_EQ(json["cases"].size(), 3U);
  for (const char* name : {"shipped", "frames_1024", "fast"}) {
    const double rate = json["cases"][name]["frames_per_second"];
    EXPECT_GT(rate, 0) << name;
    EXPECT_EQ(json[std::string(name) + "_frames_per_second"], rate);
  }
  EXPECT_EQ(json["frames_per_second"], json["frames_1024_frames_per_second"]);
  EXPECT_EQ(json["cases"]["shipped"]["batch_steps"], 40);
  EXPECT_EQ(json["cases"]["frames_1024"]["batch_steps"], 1024);
  EXPECT_THAT(out_, HasSubstr("cartpole_a3c, as shipped\n"));
}

// An actor that is ahead of the rate limiter waits; that is no encoding.
TEST_F(BenchTest, ThroughputOfReplayTellsWaitingFromEncoding) {
  // Longer than between two reports of a member, also where the machine is busy.
  const nlohmann::json json =
      Bench({"throughput", Runfile("configs/pendulum_td3.textproto"), "--seconds=3", "--warmup=0"});
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["batch_steps"], 256);
  const nlohmann::json& act = json["threads"]["actor 0 act"];
  EXPECT_GT(act["wait"], act["encode"]) << act;
  EXPECT_GT(act["sum"], 0.9) << act;
}

TEST_F(BenchTest, ATopologyAndAConfigAreOneTooMany) {
  const Finished finished =
      RunProgram(Drover({"bench", "throughput", "catch_impala", "--topology=a2c"}));
  EXPECT_EQ(finished.exit.code, 2) << finished.err;
  EXPECT_THAT(finished.err, HasSubstr("config excludes --topology"));
}

TEST_F(BenchTest, ScalingComparesWithAsManyTimesOneActor) {
  const nlohmann::json json =
      Bench({"scaling", "--topology=a2c", "--actors=2", "--step_ms=10", "--seconds=2"});
  ASSERT_TRUE(json.is_object());
  EXPECT_EQ(json["step_seconds"], 0.01);
  ASSERT_EQ(json["points"].size(), 2U);
  const int counts[] = {1, 2};
  for (size_t i = 0; i < 2; ++i) {
    const nlohmann::json& point = json["points"][i];
    EXPECT_EQ(point["actors"], counts[i]);
    EXPECT_GT(point["frames_per_second"], 0);
    const double acted = point["acted_frames_per_second"];
    EXPECT_GT(acted, 0);
    EXPECT_LE(acted, 100.0 * counts[i] * 1.05) << "the environment is as slow as it should be";
    EXPECT_GT(point["cpu_share"], 0);
    EXPECT_GT(point["cpu_share"], point["learner_cpu_share"]);
  }
  EXPECT_THAT(out_, HasSubstr("of ideal"));
}

TEST_F(BenchTest, WeightsReachEverySubscriberAndAreEncodedOnce) {
  const nlohmann::json json = Bench({"weights", "--bytes", "2000000", "--subscribers", "3",
                                     "--processes", "2", "--versions", "4"});
  ASSERT_TRUE(json.is_object());
  ASSERT_EQ(json["cases"].size(), 1U);
  const nlohmann::json& one = json["cases"][0];
  EXPECT_EQ(one["samples"], 12);
  EXPECT_GT(one["median_seconds"], 0);
  EXPECT_LE(one["median_seconds"], one["p99_seconds"]);
  EXPECT_LE(one["encodings"], one["versions"]);
  EXPECT_GT(one["bare_bytes_per_second"], 0);
  EXPECT_GT(one["ratio_to_bare"], 0);
}

TEST_F(BenchTest, ReplayCountsWhatProcessesMove) {
  const nlohmann::json json = Bench(
      {"replay", "--bytes", "400", "--capacity", "20000", "--clients", "1,2", "--seconds", "0.3"});
  ASSERT_TRUE(json.is_object());
  ASSERT_EQ(json["cases"].size(), 1U);
  const nlohmann::json& one = json["cases"][0];
  EXPECT_GT(one["server_bytes"], 20'000 * 400);
  // Each number of clients inserts, and samples; one updates; two do both.
  ASSERT_EQ(one["rates"].size(), 6U);
  for (const nlohmann::json& rates : one["rates"]) {
    EXPECT_EQ(rates["inserts_per_second"] > 0, rates["writers"] > 0) << rates;
    EXPECT_EQ(rates["samples_per_second"] > 0, rates["learners"] > 0) << rates;
    EXPECT_EQ(rates["updates_per_second"] > 0, rates["updaters"] > 0) << rates;
    EXPECT_GT(rates["server_cpu"], 0) << rates;
    EXPECT_GT(rates["bare_bytes_per_second"], 0) << rates;
  }
  for (const char* what : {"insert", "sample", "update"}) {
    EXPECT_GT(one["latencies"][what]["median_seconds"], 0) << what;
    EXPECT_LE(one["latencies"][what]["median_seconds"], one["latencies"][what]["p99_seconds"]);
  }
}

TEST_F(BenchTest, ControlCountsEveryMember) {
  const nlohmann::json json =
      Bench({"control", "--actors", "200", "--processes", "2", "--seconds", "2"});
  ASSERT_TRUE(json.is_object());
  EXPECT_GT(json["joined_seconds"], 0);
  for (const char* cores : {"coordinator_cores", "stub_cores"}) EXPECT_GT(json[cores], 0) << cores;
  EXPECT_GT(json["coordinator_bytes"], 1 << 20);
  EXPECT_GE(json["dashboard_updates"], 1);
  EXPECT_GT(json["dashboard_update_bytes"], 200 * 30) << "it tells of each actor";
  EXPECT_EQ(json["lost"], 0);
}

TEST_F(BenchTest, TlsBesidePlain) {
  const nlohmann::json json =
      Bench({"tls", Runfile("configs/catch_impala.textproto"), "--actors", "2", "--seconds", "1",
             "--warmup", "0", "--stream_seconds", "0.2", "--repeat", "1"});
  ASSERT_TRUE(json.is_object());
  for (const char* rate : {"frames_per_second", "plain_frames_per_second",
                           "stream_bytes_per_second", "plain_stream_bytes_per_second"}) {
    EXPECT_GT(json[rate], 0) << rate;
  }
  for (const char* share : {"frames_kept", "stream_kept"}) EXPECT_GT(json[share], 0) << share;
  EXPECT_THAT(out_, HasSubstr("with TLS"));
}

}  // namespace
}  // namespace drover
