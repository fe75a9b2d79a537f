#include "cli/bench_replay.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/replay_bench.h"
#include "bench/replay_bench_server.h"
#include "bench/replay_stub.h"
#include "cli/executables.h"
#include "cli/human.h"
#include "cli/role_process.h"
#include "common/allocator.h"
#include "common/signals.h"

namespace drover {
namespace {

using nlohmann::ordered_json;

// Of a table whose number of items nobody gave: what any machine holds.
constexpr size_t kTableBytes = 1'000'000'000;

// Vectors, stacked images, and what is larger than both.
const std::vector<ReplayCase>& UsualCases() {
  static const auto* const cases = new std::vector<ReplayCase>{{400, 1'000'000, {1, 2, 4, 8}, 2},
                                                               {28'000, 40'000, {1, 2, 8}, 2},
                                                               {1'000'000, 1000, {1, 2}, 2}};
  return *cases;
}

std::string Rate(double rate) { return FormatCount(static_cast<uint64_t>(rate)); }

std::string Text(const ReplayRates& r) {
  return absl::StrFormat(
      "  %d writers %d learners %d updaters  %11s inserts/s %11s samples/s %11s updates/s"
      "  %5.2f GB/s, %4.2f of bare, %4.2f a second of CPU  CPU %.2f server %.2f clients\n",
      r.writers, r.learners, r.updaters, Rate(r.inserts), Rate(r.samples), Rate(r.updates),
      r.bytes * 1e-9, r.ratio, r.cpu_ratio, r.server_cpu, r.clients_cpu);
}

std::string Text(const ReplayCase& options, const ReplayResult& r) {
  std::string text = absl::StrCat(
      FormatCount(options.item_bytes), "-byte items, ", FormatCount(options.capacity),
      " of them in a prioritized table, ", r.items, " a message, load ", FormatNumber(r.load),
      " before\n  filled at ", Rate(r.fill_inserts), " inserts/s; ",
      FormatNumber(static_cast<double>(r.server_bytes) * 1e-6), " MB\n");
  for (const ReplayRates& rates : r.rates) absl::StrAppend(&text, Text(rates));
  for (const ReplayLatency& latency : r.latencies) {
    absl::StrAppendFormat(&text, "  %-6s  median %.3f ms  p99 %.3f ms\n", latency.what,
                          1000 * latency.median, 1000 * latency.p99);
  }
  return text;
}

ordered_json Json(const ReplayCase& options, const ReplayResult& r) {
  ordered_json json = {{"item_bytes", options.item_bytes},
                       {"capacity", options.capacity},
                       {"message_items", r.items},
                       {"server_bytes", r.server_bytes},
                       {"fill_inserts_per_second", r.fill_inserts},
                       {"load", r.load}};
  for (const ReplayRates& rates : r.rates) {
    json["rates"].push_back({{"writers", rates.writers},
                             {"learners", rates.learners},
                             {"updaters", rates.updaters},
                             {"inserts_per_second", rates.inserts},
                             {"samples_per_second", rates.samples},
                             {"updates_per_second", rates.updates},
                             {"bytes_per_second", rates.bytes},
                             {"bare_bytes_per_second", rates.bare_bytes},
                             {"ratio_to_bare", rates.ratio},
                             {"cpu_ratio_to_bare", rates.cpu_ratio},
                             {"server_cpu", rates.server_cpu},
                             {"clients_cpu", rates.clients_cpu}});
  }
  for (const ReplayLatency& latency : r.latencies) {
    json["latencies"][latency.what] = {{"median_seconds", latency.median},
                                       {"p99_seconds", latency.p99}};
  }
  return json;
}

int RunBench(const std::vector<ReplayCase>& cases) {
  const StopSignal stop;
  ordered_json json;
  json["cases"] = ordered_json::array();
  for (const ReplayCase& options : cases) {
    const absl::StatusOr<ReplayResult> result = MeasureReplay(options, OwnPath(), stop);
    if (!result.ok()) return Fail(result.status(), kExitFailed);
    std::cout << Text(options, *result) << std::flush;
    json["cases"].push_back(Json(options, *result));
  }
  std::cout << json.dump() << std::endl;
  return kExitOk;
}

struct ClientFlags {
  ReplayStubOptions options;
  std::string what;
  double seconds = 1;
};

int RunClient(const ClientFlags& flags) {
  KeepFreedMemory();
  const RoleProcess process("replay-client", ProcessFlags{"warning", ""});
  const auto stop = [&process] { return process.stop().requested(); };
  if (flags.what == "latency") {
    const auto said = MeasureReplayLatency(flags.options, flags.seconds);
    if (!said.ok()) return Fail(said.status(), kExitFailed);
    std::cout << *said << std::flush;
    return kExitOk;
  }
  const auto run = flags.what == "insert"   ? InsertReplay
                   : flags.what == "sample" ? SampleReplay
                                            : UpdateReplay;
  const absl::Status status = run(flags.options, stop);
  return status.ok() ? kExitOk : Fail(status, kExitFailed);
}

int RunServer(const ReplayBenchServerOptions& options) {
  KeepFreedMemory();
  const RoleProcess process("replay-server", ProcessFlags{"warning", ""});
  const absl::Status status =
      RunReplayBenchServer(options, [&process] { return process.stop().requested(); });
  return status.ok() ? kExitOk : Fail(status, kExitFailed);
}

void AddItemBytes(CLI::App* command, size_t* bytes) {
  AddOption(command, "--bytes", *bytes, "of an item; default: 400")
      .Range(size_t{8}, size_t{16} << 20)
      .TypeName("B");
}

}  // namespace

Command AddBenchReplay(CLI::App* bench) {
  auto one = std::make_shared<ReplayCase>();
  CLI::App* command =
      AddCommand(bench, "replay", "items a second that a replay server takes, samples and updates");
  Option bytes =
      AddOption(command, "--bytes", one->item_bytes, "of an item, instead of the usual cases")
          .Range(size_t{8}, size_t{16} << 20)
          .TypeName("B");
  Option capacity = AddOption(command, "--capacity", one->capacity,
                              "items in the table; default: 1000000, or as many as make a gigabyte")
                        .Range(uint32_t{1}, uint32_t{1} << 24)
                        .Needs(bytes)
                        .TypeName("N");
  AddOption(command, "--clients", one->clients, "numbers of them, e.g. 1,2,4; default: 1")
      .Range(1, 64)
      .Delimiter(',')
      .Needs(bytes)
      .TypeName("C");
  AddOption(command, "--seconds", one->seconds, "of each measurement; default: 2")
      .Range(0.1, 1e4)
      .Needs(bytes)
      .TypeName("S");
  return {command, [bytes, capacity, one] {
            if (!capacity.given()) {
              const auto fit = static_cast<uint32_t>(kTableBytes / one->item_bytes);
              one->capacity = std::min(one->capacity, fit);
            }
            return RunBench(bytes.given() ? std::vector<ReplayCase>{*one} : UsualCases());
          }};
}

Command AddBenchReplayServer(CLI::App* bench) {
  auto options = std::make_shared<ReplayBenchServerOptions>();
  CLI::App* command =
      AddCommand(bench, "replay-server", "a replay server, which `bench replay` starts");
  AddOption(command, "--listen", options->listen, "its address")
      .Required()
      .Check(AddressError)
      .TypeName("ADDRESS");
  AddItemBytes(command, &options->item_bytes);
  AddOption(command, "--capacity", options->capacity, "items in the table").TypeName("N");
  return {command, [options] { return RunServer(*options); }};
}

Command AddBenchReplayClient(CLI::App* bench) {
  auto flags = std::make_shared<ClientFlags>();
  CLI::App* command =
      AddCommand(bench, "replay-client", "a stub of an actor or learner, for `bench replay`");
  AddOption(command, "--server", flags->options.server, "its address")
      .Required()
      .Check(AddressError)
      .TypeName("ADDRESS");
  AddOption(command, "--what", flags->what, "it does")
      .Required()
      .OneOf({"insert", "sample", "update", "latency"});
  AddOption(command, "--client", flags->options.client, "0, 1, …").TypeName("I");
  AddOption(command, "--seconds", flags->seconds, "of latency").TypeName("S");
  AddItemBytes(command, &flags->options.item_bytes);
  return {command, [flags] { return RunClient(*flags); }};
}

}  // namespace drover
