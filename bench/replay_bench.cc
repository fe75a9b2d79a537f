#include "bench/replay_bench.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <functional>
#include <memory>
#include <sstream>
#include <thread>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bench/bare_stream.h"
#include "bench/process_usage.h"
#include "bench/replay_experience.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/process.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/status_macros.h"
#include "proto/replay.grpc.pb.h"

namespace drover {
namespace {

constexpr double kBareSeconds = 1;
constexpr double kLatencySeconds = 1;
constexpr double kWarmup = 0.5;  // seconds before a measurement
constexpr double kPatience = 120;
constexpr std::chrono::milliseconds kPoll{20};

double OwnCpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

class Bench {
 public:
  Bench(const ReplayCase& options, std::string drover, const StopSignal& stop,
        std::string directory)
      : options_(options),
        drover_(std::move(drover)),
        stop_(stop),
        directory_(std::move(directory)) {}

  absl::StatusOr<ReplayResult> Run() {
    ReplayResult result;
    result.items = ReplayShape(options_.item_bytes).items();
    result.load = LoadAverage();
    DROVER_RETURN_IF_ERROR(StartServer());
    DROVER_ASSIGN_OR_RETURN(result.fill_inserts, Fill());
    DROVER_ASSIGN_OR_RETURN(const ProcessUsage usage, ReadProcessUsage(server_->pid()));
    result.server_bytes = usage.resident_bytes;
    for (const auto& [writers, learners, updaters] : Loads()) {
      // Just before, since others may use the machine.
      DROVER_ASSIGN_OR_RETURN(const Bare bare, MeasureBare());
      DROVER_ASSIGN_OR_RETURN(ReplayRates rates, Measure(writers, learners, updaters));
      rates.bare_bytes = bare.bytes;
      rates.ratio = rates.bytes / bare.bytes;
      rates.cpu_ratio =
          rates.bytes / (rates.server_cpu + rates.clients_cpu) / (bare.bytes / bare.cpu);
      result.rates.push_back(rates);
    }
    DROVER_ASSIGN_OR_RETURN(result.latencies, Latencies());
    return result;
  }

 private:
  struct Bare {
    double bytes = 0;  // a second
    double cpu = 0;    // seconds a second
  };

  struct Load {
    int writers;
    int learners;
    int updaters;
  };

  // Alone, then together.
  std::vector<Load> Loads() const {
    std::vector<Load> loads;
    for (const int clients : options_.clients) loads.push_back({clients, 0, 0});
    for (const int clients : options_.clients) loads.push_back({0, clients, 0});
    loads.push_back({0, 0, 1});
    for (const int clients : options_.clients) {
      if (clients == 1) continue;
      loads.push_back({clients / 2, clients - clients / 2, 0});
    }
    if (options_.clients == std::vector<int>{1}) loads.push_back({1, 1, 0});
    return loads;
  }

  std::string Address() const { return absl::StrCat("unix:", directory_, "/replay.sock"); }

  absl::StatusOr<Process> Start(const std::vector<std::string>& arguments, std::string* log) {
    *log = absl::StrCat(directory_, "/", next_log_++, ".log");
    ProcessOptions process;
    process.command = {drover_, "bench"};
    process.command.insert(process.command.end(), arguments.begin(), arguments.end());
    process.log_path = *log;
    return Process::Start(process);
  }

  absl::StatusOr<Process> StartClient(const std::string& what, int client, std::string* log) {
    return Start({"replay-client", "--server", Address(), "--what", what, "--client",
                  absl::StrCat(client), "--bytes", absl::StrCat(options_.item_bytes)},
                 log);
  }

  // What a process said that had to end well by itself.
  static absl::StatusOr<std::string> Await(Process process, const std::string& log) {
    const ExitStatus exit = process.Wait();
    DROVER_ASSIGN_OR_RETURN(std::string said, ReadFile(log));
    if (!exit.ok()) return absl::InternalError(absl::StrCat("a process failed: ", said));
    return said;
  }

  // Its server is this process.
  absl::StatusOr<Bare> MeasureBare() {
    const std::string address = absl::StrCat("unix:", directory_, "/bare", next_log_, ".sock");
    DROVER_ASSIGN_OR_RETURN(const auto server, BareStreamServer::Start(address));
    std::string log;
    DROVER_ASSIGN_OR_RETURN(
        Process client,
        Start({"subscribers", "--publisher", address, "--bare", absl::StrCat(kBareSeconds)}, &log));
    DROVER_RETURN_IF_ERROR(Pass(kWarmup));
    const auto cpu = [&client]() -> absl::StatusOr<double> {
      DROVER_ASSIGN_OR_RETURN(const ProcessUsage usage, ReadProcessUsage(client.pid()));
      return usage.cpu_seconds + OwnCpuSeconds();
    };
    Bare bare;
    DROVER_ASSIGN_OR_RETURN(const double cpu_before, cpu());
    const double begin = MonotonicSeconds();
    DROVER_RETURN_IF_ERROR(Pass(kBareSeconds / 2));
    DROVER_ASSIGN_OR_RETURN(const double cpu_after, cpu());
    bare.cpu = (cpu_after - cpu_before) / (MonotonicSeconds() - begin);
    DROVER_ASSIGN_OR_RETURN(const std::string said, Await(std::move(client), log));
    if (absl::SimpleAtod(said, &bare.bytes)) return bare;
    return absl::InternalError(absl::StrCat("the bare stream's client: ", said));
  }

  absl::StatusOr<InfoReply> Info() {
    return CallUnary(stub_.get(), &ReplayService::Stub::Info, InfoRequest(),
                     std::chrono::seconds(10));
  }

  absl::Status StartServer() {
    std::string log;
    DROVER_ASSIGN_OR_RETURN(Process server, Start({"replay-server", "--listen", Address(),
                                                   "--bytes", absl::StrCat(options_.item_bytes),
                                                   "--capacity", absl::StrCat(options_.capacity)},
                                                  &log));
    server_ = std::make_unique<Process>(std::move(server));
    stub_ = ReplayService::NewStub(MakeChannel(Address(), ChannelUse::kControl));
    const double deadline = MonotonicSeconds() + kPatience;
    while (!Info().ok()) {
      DROVER_RETURN_IF_ERROR(Wait(deadline, "the server does not answer"));
    }
    return absl::OkStatus();
  }

  absl::Status Wait(double deadline, const char* complaint) const {
    if (stop_.requested()) return absl::CancelledError("interrupted");
    if (MonotonicSeconds() > deadline) return absl::DeadlineExceededError(complaint);
    std::this_thread::sleep_for(kPoll);
    return absl::OkStatus();
  }

  // Until `holds` says so of the table.
  absl::Status AwaitTable(const std::function<bool(const TableInfo&)>& holds,
                          const char* complaint) {
    const double deadline = MonotonicSeconds() + kPatience;
    while (true) {
      DROVER_ASSIGN_OR_RETURN(const InfoReply info, Info());
      if (holds(info.tables(0))) return absl::OkStatus();
      DROVER_RETURN_IF_ERROR(Wait(deadline, complaint));
    }
  }

  absl::StatusOr<double> Fill() {
    std::string log;
    DROVER_ASSIGN_OR_RETURN(Process writer, StartClient("insert", 0, &log));
    double begin = 0;
    DROVER_RETURN_IF_ERROR(AwaitTable(
        [&](const TableInfo& now) {
          if (begin == 0 && now.size() > 0) begin = MonotonicSeconds();
          return now.size() == options_.capacity;
        },
        "the table does not fill"));
    const double seconds = MonotonicSeconds() - begin;
    writer.Signal(SIGTERM);
    DROVER_RETURN_IF_ERROR(Await(std::move(writer), log).status());
    return options_.capacity / std::max(seconds, 1e-9);
  }

  struct Client {
    Process process;
    std::string log;
  };

  absl::StatusOr<double> CpuOf(const std::vector<Client>& clients) const {
    double seconds = 0;
    for (const Client& client : clients) {
      DROVER_ASSIGN_OR_RETURN(const ProcessUsage usage, ReadProcessUsage(client.process.pid()));
      seconds += usage.cpu_seconds;
    }
    return seconds;
  }

  // Until each kind of client does what it is there for: an updater samples first.
  absl::Status AwaitWork(const TableInfo& idle, const ReplayRates& load) {
    return AwaitTable(
        [&](const TableInfo& now) {
          return (load.writers == 0 || now.inserts() > idle.inserts()) &&
                 (load.learners == 0 || now.samples() > idle.samples()) &&
                 (load.updaters == 0 || now.updates() > idle.updates());
        },
        "the clients do not begin");
  }

  absl::StatusOr<ReplayRates> Measure(int writers, int learners, int updaters) {
    std::vector<Client> clients;
    const auto start = [&](const char* what, int count) -> absl::Status {
      for (int i = 0; i < count; ++i) {
        std::string log;
        DROVER_ASSIGN_OR_RETURN(Process process, StartClient(what, i, &log));
        clients.push_back({std::move(process), log});
      }
      return absl::OkStatus();
    };
    ReplayRates rates{writers, learners, updaters};
    DROVER_ASSIGN_OR_RETURN(const InfoReply idle, Info());
    DROVER_RETURN_IF_ERROR(start("insert", writers));
    DROVER_RETURN_IF_ERROR(start("sample", learners));
    DROVER_RETURN_IF_ERROR(start("update", updaters));
    DROVER_RETURN_IF_ERROR(AwaitWork(idle.tables(0), rates));
    DROVER_RETURN_IF_ERROR(Pass(kWarmup));
    DROVER_ASSIGN_OR_RETURN(const InfoReply before, Info());
    DROVER_ASSIGN_OR_RETURN(const ProcessUsage server_before, ReadProcessUsage(server_->pid()));
    DROVER_ASSIGN_OR_RETURN(const double clients_before, CpuOf(clients));
    const double begin = MonotonicSeconds();
    DROVER_RETURN_IF_ERROR(Pass(options_.seconds));
    DROVER_ASSIGN_OR_RETURN(const InfoReply after, Info());
    const double seconds = MonotonicSeconds() - begin;
    DROVER_ASSIGN_OR_RETURN(const ProcessUsage server_after, ReadProcessUsage(server_->pid()));
    DROVER_ASSIGN_OR_RETURN(const double clients_after, CpuOf(clients));
    const auto rate = [&](uint64_t (TableInfo::*total)() const) {
      return static_cast<double>((after.tables(0).*total)() - (before.tables(0).*total)()) /
             seconds;
    };
    rates.inserts = rate(&TableInfo::inserts);
    rates.samples = rate(&TableInfo::samples);
    rates.updates = rate(&TableInfo::updates);
    rates.bytes = (rates.inserts + (updaters > 0 ? 0 : rates.samples)) *
                  static_cast<double>(options_.item_bytes);
    rates.server_cpu = (server_after.cpu_seconds - server_before.cpu_seconds) / seconds;
    rates.clients_cpu = (clients_after - clients_before) / seconds;
    for (Client& client : clients) client.process.Signal(SIGTERM);
    for (Client& client : clients) {
      DROVER_RETURN_IF_ERROR(Await(std::move(client.process), client.log).status());
    }
    return rates;
  }

  absl::Status Pass(double seconds) const {
    const double end = MonotonicSeconds() + seconds;
    while (MonotonicSeconds() < end) DROVER_RETURN_IF_ERROR(Wait(end + 1, ""));
    return absl::OkStatus();
  }

  absl::StatusOr<std::vector<ReplayLatency>> Latencies() {
    std::string log;
    DROVER_ASSIGN_OR_RETURN(
        Process client,
        Start({"replay-client", "--server", Address(), "--what", "latency", "--bytes",
               absl::StrCat(options_.item_bytes), "--seconds", absl::StrCat(kLatencySeconds)},
              &log));
    DROVER_ASSIGN_OR_RETURN(const std::string said, Await(std::move(client), log));
    std::istringstream lines(said);
    std::vector<ReplayLatency> latencies;
    for (ReplayLatency one; lines >> one.what >> one.median >> one.p99;) latencies.push_back(one);
    if (latencies.size() != 3) return absl::InternalError(absl::StrCat("latencies: ", said));
    return latencies;
  }

  const ReplayCase& options_;
  const std::string drover_;
  const StopSignal& stop_;
  const std::string directory_;
  int next_log_ = 0;
  std::unique_ptr<Process> server_;
  std::unique_ptr<ReplayService::Stub> stub_;
};

}  // namespace

absl::StatusOr<ReplayResult> MeasureReplay(const ReplayCase& options, const std::string& drover,
                                           const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  return Bench(options, drover, stop, directory.path()).Run();
}

}  // namespace drover
