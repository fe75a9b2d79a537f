#include "cli/bench_weights.h"

#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/bare_stream.h"
#include "bench/weights_bench.h"
#include "bench/weights_stub.h"
#include "cli/executables.h"
#include "cli/human.h"
#include "cli/role_process.h"
#include "common/signals.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

// A small policy for an actor alone and for a host full of them; a large one for a cluster.
const std::vector<WeightsCase>& UsualCases() {
  static const auto* const cases = new std::vector<WeightsCase>{
      {20'000, 1, 1, 500, 50, 0.01},
      {20'000, 16, 16, 200, 50, 0.02},
      {7'000'000, 200, 4, 7, 4, 0.1},
  };
  return *cases;
}

std::string Milliseconds(double seconds) { return absl::StrFormat("%.2f ms", 1000 * seconds); }

std::string Text(const WeightsCase& options, const WeightsResult& r) {
  return absl::StrCat(
      FormatCount(options.bytes), " bytes to ", options.subscribers, " subscribers in ",
      options.processes, " processes, load ", FormatNumber(r.load), " before\n",
      "  publish to acted  median ", Milliseconds(r.latencies.median), "  p99 ",
      Milliseconds(r.latencies.p99), "  worst ", Milliseconds(r.latencies.worst), "  until all ",
      Milliseconds(r.latencies.all_median), "\n  bare gRPC stream  ",
      FormatNumber(r.bare_bytes_per_second * 1e-6), " MB/s; until all is ", FormatNumber(r.ratio),
      " times what it needs for as many bytes\n  encodings         ", r.encodings, " of ",
      r.versions, " versions\n");
}

ordered_json Json(const WeightsCase& options, const WeightsResult& r) {
  return {{"bytes", options.bytes},
          {"subscribers", options.subscribers},
          {"processes", options.processes},
          {"samples", r.latencies.samples},
          {"median_seconds", r.latencies.median},
          {"p99_seconds", r.latencies.p99},
          {"worst_seconds", r.latencies.worst},
          {"all_median_seconds", r.latencies.all_median},
          {"bare_bytes_per_second", r.bare_bytes_per_second},
          {"ratio_to_bare", r.ratio},
          {"versions", r.versions},
          {"encodings", r.encodings},
          {"load", r.load}};
}

int RunBench(const std::vector<WeightsCase>& cases) {
  const StopSignal stop;
  ordered_json json;
  json["cases"] = ordered_json::array();
  for (const WeightsCase& options : cases) {
    const absl::StatusOr<WeightsResult> result = MeasureWeights(options, OwnPath(), stop);
    if (!result.ok()) return Fail(result.status(), kExitFailed);
    std::cout << Text(options, *result) << std::flush;
    json["cases"].push_back(Json(options, *result));
  }
  std::cout << json.dump() << std::endl;
  return kExitOk;
}

struct StubFlags {
  WeightsStubOptions options;
  double bare_seconds = 0;
};

int RunSubscribers(const StubFlags& flags) {
  const RoleProcess process("subscribers", ProcessFlags{"warning", ""});
  if (flags.bare_seconds > 0) {
    const auto rate = MeasureBareStream(flags.options.publisher, flags.bare_seconds);
    if (!rate.ok()) return Fail(rate.status(), kExitFailed);
    std::cout << *rate << std::endl;
    return kExitOk;
  }
  const auto taken =
      RunWeightsStub(flags.options, [&process] { return process.stop().requested(); });
  if (!taken.ok()) return Fail(taken.status(), kExitFailed);
  std::cout << *taken << std::flush;
  return kExitOk;
}

}  // namespace

Command AddBenchWeights(CLI::App* bench) {
  auto one = std::make_shared<WeightsCase>();
  CLI::App* command =
      AddCommand(bench, "weights", "from publishing weights to the first step acted with them");
  Option bytes =
      AddOption(command, "--bytes", one->bytes, "of a version, instead of the usual cases")
          .Range(uint64_t{1}, uint64_t{1} << 30)
          .TypeName("B");
  AddOption(command, "--subscribers", one->subscribers, "default: 1")
      .Range(1, 10'000)
      .Needs(bytes)
      .TypeName("N");
  AddOption(command, "--processes", one->processes, "that hold them; default: 1")
      .Range(1, 1000)
      .Needs(bytes)
      .TypeName("P");
  AddOption(command, "--versions", one->versions, "to publish; default: 500")
      .Range(1, 1'000'000)
      .Needs(bytes)
      .TypeName("V");
  return {command, [bytes, one] {
            return RunBench(bytes.given() ? std::vector<WeightsCase>{*one} : UsualCases());
          }};
}

Command AddBenchSubscribers(CLI::App* bench) {
  auto flags = std::make_shared<StubFlags>();
  CLI::App* command =
      AddCommand(bench, "subscribers", "stubs of actors, which `bench weights` starts");
  AddOption(command, "--publisher", flags->options.publisher, "its address")
      .Required()
      .Check(AddressError)
      .TypeName("ADDRESS");
  AddOption(command, "--first", flags->options.first_member, "member id").TypeName("ID");
  AddOption(command, "--count", flags->options.subscribers, "of subscribers").TypeName("N");
  AddOption(command, "--bytes", flags->options.bytes, "of a version").TypeName("B");
  AddOption(command, "--bare", flags->bare_seconds, "only measure a bare stream, so long")
      .TypeName("S");
  return {command, [flags] { return RunSubscribers(*flags); }};
}

}  // namespace drover
