#include "cli/doctor.h"

#include <sys/stat.h>

#include <csignal>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/certs_option.h"
#include "cli/config_options.h"
#include "cli/executables.h"
#include "cli/launch_options.h"
#include "cli/launch_settings.h"
#include "cli/resolve_plan.h"
#include "cli/role_process.h"
#include "common/logging.h"
#include "common/rpc/grpc_log.h"
#include "deploy/doctor/agent.h"
#include "deploy/doctor/certs.h"
#include "deploy/doctor/clock.h"
#include "deploy/doctor/demand.h"
#include "deploy/doctor/disk.h"
#include "deploy/doctor/machine.h"
#include "deploy/doctor/peer.h"
#include "deploy/doctor/placement.h"
#include "deploy/doctor/port.h"
#include "deploy/doctor/run.h"
#include "deploy/engines.h"
#include "deploy/run_dir.h"

namespace drover {
namespace {

struct Flags {
  CLI::App* app = nullptr;
  ConfigOptions config;
  LaunchSettings settings;  // --on, --listen, --http, --certs, --insecure: as of `up`
  std::string run_dir = kRunsDir;
  std::string run;
  std::vector<std::string> peers;
  bool json = false;
};

class Doctor {
 public:
  explicit Doctor(const Flags& flags) : flags_(flags), machine_(ReadMachine()) {}

  Findings Look() {
    LookAtClock();
    LookAtAgent();
    Add(CheckDisk(flags_.run_dir));
    LookAtCerts();
    LookAtPorts();
    for (const std::string& peer : flags_.peers) LookAtPeer(peer);
    if (!flags_.run.empty()) AddAll(CheckRun(flags_.run));
    return std::move(findings_);
  }

 private:
  void Add(Finding finding) { findings_.push_back(std::move(finding)); }
  void AddAll(const Findings& findings) {
    findings_.insert(findings_.end(), findings.begin(), findings.end());
  }
  bool Local() const { return flags_.settings.on == kLocalEngine; }

  // A clock that nothing keeps is no matter where there is but one.
  void LookAtClock() {
    struct stat program {};
    const bool known = stat(OwnPath().c_str(), &program) == 0;
    const bool alone = flags_.settings.certs.empty() && flags_.peers.empty() && Local();
    Add(CheckClock(absl::Now(), known ? absl::FromTimeT(program.st_mtime) : absl::InfinitePast(),
                   alone || ClockIsKept()));
  }

  // LibTorch, and what the config wants, which takes it to know.
  void LookAtAgent() {
    const absl::StatusOr<Devices> devices = AskAgent(DroverAgentPath());
    Add(CheckLibTorch(DroverAgentPath(), devices));
    if (!devices.ok()) return;
    Demand demand;
    if (FindOption(flags_.app, "config").given()) {
      const absl::StatusOr<Plan> plan = TryPlan(flags_.config);
      if (plan.ok()) demand = LookAtPlan(*plan);
      if (!plan.ok()) {
        Add(Wrong("config", std::string(plan.status().message()),
                  absl::StrCat("drover resolve ", flags_.config.Arguments().back(),
                               "  # once that is changed: prints it complete")));
      }
    }
    const uint32_t gpus = Local() ? demand.gpus : 0;
    Add(CheckGpus(DroverAgentPath(), *devices, gpus, machine_.nvidia_driver));
  }

  Demand LookAtPlan(const Plan& plan) {
    const Experiment& experiment = plan.experiment();
    Add(Ok("config", absl::StrCat(experiment.name(), ": ", experiment.algorithm(), " on ",
                                  experiment.environment())));
    const auto engine = MakeEngine(flags_.settings.on, MakePlacement(flags_.settings, experiment));
    Add(CheckPlacement(flags_.settings.on, engine.ok() ? (*engine)->Check() : engine.status()));
    const Demand demand = DemandOf(plan);
    if (Local()) AddAll(CheckDemand(demand, machine_));
    return demand;
  }

  void LookAtCerts() {
    const LaunchSettings& settings = flags_.settings;
    if (settings.certs.empty()) {
      if (Local() || settings.insecure) return;
      return Add(Wrong("certificates", "none, so that processes listen to their own host alone",
                       MakeCerts()));
    }
    AddAll(CheckCerts(settings.certs));
    speaks_ = UseCerts(settings.certs, PersonRoles()).ok();
  }

  void LookAtPorts() {
    const LaunchSettings& settings = flags_.settings;
    const bool guarded = settings.insecure || !settings.certs.empty();
    for (const std::string& address : settings.listen) {
      Add(CheckPort("--listen", address, guarded));
    }
    if (settings.http == "auto") {
      Add(CheckAutoPort());
    } else if (settings.http != "none") {
      Add(CheckPort("--http", settings.http, guarded));
    }
  }

  void LookAtPeer(const std::string& address) {
    if (speaks_) return AddAll(CheckPeer("peer", address).findings);
    Add(Warning(absl::StrCat("peer at ", address), "not called: the certificates are wrong",
                absl::StrCat("drover certs show ", flags_.settings.certs)));
  }

  const Flags& flags_;
  const Machine machine_;
  bool speaks_ = true;  // with the certificates that it was given, if any
  Findings findings_;
};

int RunDoctor(const Flags& flags) {
  std::signal(SIGPIPE, SIG_IGN);  // a peer may hang up in the midst of it
  if (absl::Status status = InitLogging("drover", "off"); !status.ok()) {
    return Fail(status, kExitFailed);
  }
  AdoptGrpcLog();
  const Findings findings = Doctor(flags).Look();
  std::cout << (flags.json ? FindingsJson(findings) : FindingsText(findings)) << std::flush;
  return AnyWrong(findings) ? kExitFailed : kExitOk;
}

}  // namespace

Command AddDoctor(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(
      app, "doctor",
      "what is wrong with this machine, a config or the way to others, and what mends it");
  flags->app = command;
  flags->config.AddTo(command);
  FindOption(command, "config").Required(false);
  AddLaunchOptions(command, &flags->settings);
  AddOption(command, "--run_dir", flags->run_dir, "where runs are written; default: runs")
      .TypeName("DIR");
  AddOption(command, "--run", flags->run, "call all that serve in this run, by its directory")
      .TypeName("RUN");
  AddOption(command, "--peer", flags->peers, "call who serves at this address; may be repeated")
      .Check(AddressError)
      .TypeName("ADDRESS")
      .OneEach();
  AddFlag(command, "--json", flags->json, "as one JSON object");
  return {command, [flags] { return RunDoctor(*flags); }};
}

}  // namespace drover
