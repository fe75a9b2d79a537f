#include "bench/weights_bench.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <map>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "bench/bare_stream.h"
#include "bench/process_usage.h"
#include "bench/weights_stub.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/process.h"
#include "common/status_macros.h"
#include "learner/learner_services.h"

namespace drover {
namespace {

constexpr double kPatience = 60;    // seconds for all to have a version
constexpr double kBareSeconds = 1;  // measured of the bare stream
constexpr std::chrono::microseconds kPoll{200};

MemberTable Table(int subscribers) {
  MemberTable table;
  table.set_run_id(kBenchRunId);
  table.set_version(1);
  for (uint64_t id = 1; id <= static_cast<uint64_t>(subscribers); ++id) {
    Member* member = table.add_members();
    member->set_member_id(id);
    member->set_epoch(kBenchEpoch);
    member->set_role(Role::actor);
  }
  return table;
}

class Bench {
 public:
  Bench(const WeightsCase& options, std::string drover, const StopSignal& stop,
        std::string directory)
      : options_(options),
        drover_(std::move(drover)),
        stop_(stop),
        directory_(std::move(directory)) {}

  absl::StatusOr<WeightsResult> Run() {
    WeightsResult result;
    result.load = LoadAverage();
    DROVER_ASSIGN_OR_RETURN(const double bare_before, BareRate("before"));
    DROVER_ASSIGN_OR_RETURN(services_, LearnerServices::Start({{Address()}}));
    services_->SetTable(Table(options_.subscribers));
    services_->publisher()->Open(kBenchLayout);
    DROVER_RETURN_IF_ERROR(StartStubs());
    DROVER_RETURN_IF_ERROR(PublishAll());
    DROVER_ASSIGN_OR_RETURN(const std::string taken, EndStubs());
    DROVER_ASSIGN_OR_RETURN(
        result.latencies,
        MeasureLatencies(published_, static_cast<uint64_t>(options_.subscribers), taken));
    DROVER_ASSIGN_OR_RETURN(const double bare_after, BareRate("after"));
    result.bare_bytes_per_second = std::max(bare_before, bare_after);
    result.versions = published_.size() + static_cast<uint64_t>(options_.warmup);
    result.encodings = services_->publisher()->counters().encodings;
    result.ratio = result.latencies.all_median * result.bare_bytes_per_second /
                   (static_cast<double>(options_.bytes) * options_.subscribers);
    return result;
  }

 private:
  std::string Address() const { return absl::StrCat("unix:", directory_, "/weights.sock"); }
  std::string Log(size_t i) const { return absl::StrCat(directory_, "/", i, ".log"); }

  absl::StatusOr<Process> StartStub(const std::string& log,
                                    const std::vector<std::string>& arguments) const {
    ProcessOptions process;
    process.command = {drover_, "bench", "subscribers"};
    process.command.insert(process.command.end(), arguments.begin(), arguments.end());
    process.log_path = log;
    return Process::Start(process);
  }

  absl::StatusOr<double> BareRate(const std::string& when) const {
    const std::string address = absl::StrCat("unix:", directory_, "/", when, ".sock");
    const std::string log = absl::StrCat(directory_, "/", when, ".log");
    DROVER_ASSIGN_OR_RETURN(const auto server, BareStreamServer::Start(address));
    DROVER_ASSIGN_OR_RETURN(Process client, StartStub(log, {"--publisher", address, "--bare",
                                                            absl::StrCat(kBareSeconds)}));
    const ExitStatus exit = client.Wait();
    DROVER_ASSIGN_OR_RETURN(const std::string said, ReadFile(log));
    double rate = 0;
    if (exit.ok() && absl::SimpleAtod(said, &rate)) return rate;
    return absl::InternalError(absl::StrCat("the bare stream's client: ", said));
  }

  absl::Status StartStubs() {
    int first = 0;
    for (int i = 0; i < options_.processes; ++i) {
      const int end = options_.subscribers * (i + 1) / options_.processes;
      DROVER_ASSIGN_OR_RETURN(
          Process stub,
          StartStub(Log(stubs_.size()),
                    {"--publisher", Address(), "--first", absl::StrCat(first + 1), "--count",
                     absl::StrCat(end - first), "--bytes", absl::StrCat(options_.bytes)}));
      stubs_.push_back(std::move(stub));
      first = end;
    }
    return absl::OkStatus();
  }

  // Until every subscriber has taken what was published, and asks for more.
  absl::Status WaitForAll() const {
    const double deadline = MonotonicSeconds() + kPatience;
    const auto all = static_cast<uint64_t>(options_.subscribers);
    while (services_->publisher()->counters().waiting < all) {
      if (stop_.requested()) return absl::CancelledError("interrupted");
      if (MonotonicSeconds() > deadline) {
        return absl::DeadlineExceededError("the subscribers do not ask for weights");
      }
      std::this_thread::sleep_for(kPoll);
    }
    return absl::OkStatus();
  }

  absl::Status PublishAll() {
    std::string parameters(options_.bytes, 'x');
    const std::chrono::duration<double> interval(options_.interval);
    for (int i = 0; i < options_.warmup + options_.versions; ++i) {
      const auto version = static_cast<uint64_t>(i) + 1;
      DROVER_RETURN_IF_ERROR(WaitForAll());
      std::this_thread::sleep_for(interval);
      parameters[0] = static_cast<char>(i);
      const double now = MonotonicSeconds();
      services_->publisher()->Publish({version, 0, 0}, parameters);
      if (i >= options_.warmup) published_[version] = now;
    }
    DROVER_RETURN_IF_ERROR(WaitForAll());
    std::this_thread::sleep_for(interval);  // what has come is taken at the next step
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> EndStubs() {
    std::string taken;
    for (Process& stub : stubs_) stub.Signal(SIGTERM);
    for (size_t i = 0; i < stubs_.size(); ++i) {
      const ExitStatus exit = stubs_[i].Wait();
      DROVER_ASSIGN_OR_RETURN(const std::string said, ReadFile(Log(i)));
      if (!exit.ok()) return absl::InternalError(absl::StrCat("a subscriber failed: ", said));
      taken += said;
    }
    return taken;
  }

  const WeightsCase& options_;
  const std::string drover_;
  const StopSignal& stop_;
  const std::string directory_;
  std::unique_ptr<LearnerServices> services_;
  std::vector<Process> stubs_;
  std::map<uint64_t, double> published_;  // version, when; those measured
};

}  // namespace

absl::StatusOr<WeightsResult> MeasureWeights(const WeightsCase& options, const std::string& drover,
                                             const StopSignal& stop) {
  DROVER_ASSIGN_OR_RETURN(const TempDirectory directory, TempDirectory::Make());
  return Bench(options, drover, stop, directory.path()).Run();
}

}  // namespace drover
