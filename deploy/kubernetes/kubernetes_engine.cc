#include "deploy/kubernetes/kubernetes_engine.h"

#include <google/protobuf/text_format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/rpc/address.h"
#include "common/rpc/run_address.h"
#include "common/status_macros.h"
#include "coordinator/coordinator_main.h"
#include "coordinator/run_memory.h"
#include "deploy/kubernetes/kubectl.h"
#include "deploy/kubernetes/kubernetes_check.h"
#include "deploy/kubernetes/kubernetes_manifests.h"
#include "deploy/kubernetes/kubernetes_overlay.h"
#include "deploy/kubernetes/kubernetes_pods.h"
#include "deploy/kubernetes/kubernetes_watch.h"
#include "deploy/kubernetes/port_forward.h"
#include "deploy/run_dir.h"
#include "deploy/supervisor.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{2000};
constexpr std::chrono::milliseconds kStartingPause{1000};
constexpr std::chrono::seconds kDeleteLimit{180};  // beyond terminationGracePeriodSeconds
constexpr int kCoordinatorPort = 7000;
constexpr int kQuotedLines = 15;

std::string NameOf(const std::string& run_dir) {
  const absl::StatusOr<RunMemory> memory = ReadRunMemory(run_dir);
  return memory.ok() ? KubernetesName(memory->run_id()) : "";
}

class KubernetesEngine final : public Engine {
 public:
  explicit KubernetesEngine(Placement placement)
      : placement_(std::move(placement)),
        name_(NameOf(placement_.run_dir)),
        selector_(absl::StrCat("app=drover,run=", name_)),
        folder_(absl::StrCat(placement_.run_dir, "/kubernetes")),
        kubectl_(KubernetesNamespace(placement_.experiment)),
        watch_(kubectl_),
        forward_(kubectl_, "deployment/drover-coordinator", kCoordinatorPort,
                 absl::StrCat(folder_, "/port-forward.log")) {}

  absl::Status Check() override {
    if (placement_.resume) {
      return absl::FailedPreconditionError(
          "a run on Kubernetes is not resumed: while it has not ended, it goes on by itself");
    }
    DROVER_RETURN_IF_ERROR(
        KubernetesOverlay(placement_.experiment, name_, placement_.insecure).status());
    return CheckKubernetes(placement_, kubectl_, /*is_there=*/!name_.empty());
  }

  absl::Status Prepare() override { return WriteKubernetesManifests(placement_, name_, folder_); }

  absl::Status Tend(const Desired& desired) override {
    if (desired.closing || desired.state == RunState::ended) {
      // It answers until it is deleted, so that its files can be had.
      if (!over_) over_ = Fetch();
      if (over_) left_ = 0;
      return absl::OkStatus();
    }
    if (!applied_) return Apply();
    const absl::StatusOr<std::string> json =
        kubectl_.Run({"get", "deployments,pods", "-l", selector_, "-o", "json"});
    if (!json.ok()) return Passing(json.status());
    const KubernetesPods pods = ParseKubernetesPods(*json);
    left_ = pods.count;
    if (pods.coordinator != coordinator_) forward_.Close();
    coordinator_ = pods.coordinator;
    if (desired.state > RunState::running) return absl::OkStatus();
    DROVER_RETURN_IF_ERROR(watch_.Look(pods, Clock::now()));
    return SetActors(desired, pods.actors);
  }

  std::chrono::milliseconds pause() const override {
    return watch_.whole() ? kPause : kStartingPause;
  }
  bool Over() const override { return over_; }
  int left() const override { return left_; }

  absl::Status Down(std::chrono::milliseconds /*grace*/) override {
    forward_.Close();
    // Each pod has its own grace; the volumes stay.
    return kubectl_
        .Run({"delete", "deployments,services,configmaps", "-l", selector_, "--cascade=foreground",
              "--wait"},
             kDeleteLimit)
        .status();
  }

  absl::Status Verdict() const override {
    const auto text = ReadFile(absl::StrCat(placement_.run_dir, "/", kSummaryFile));
    const auto summary = nlohmann::json::parse(text.value_or(""), nullptr, /*exceptions=*/false);
    if (summary.is_object() && summary.value("end_reason", "") != "failed") return absl::OkStatus();
    return absl::AbortedError(absl::StrCat("the run failed; the end of ", LearnersLog(), ":\n",
                                           LogTail(LearnersLog(), kQuotedLines)));
  }

  absl::StatusOr<std::string> CoordinatorAddress() override {
    if (coordinator_.empty()) return absl::UnavailableError("the coordinator is not there yet");
    DROVER_ASSIGN_OR_RETURN(const std::string address, forward_.Address());
    DROVER_RETURN_IF_ERROR(Tell(address));
    return address;
  }

  std::vector<std::string> LogCommand(const Place& place, bool follow) const override {
    const std::string role =
        absl::StrCat(Role::Kind_Name(place.role),
                     place.role == Role::replay ? absl::StrCat("-", place.index) : std::string());
    std::vector<std::string> words = {"logs", "--tail=-1", "--prefix", "-l",
                                      absl::StrCat(selector_, ",role=", role)};
    if (follow) words.insert(words.end(), {"-f", "--max-log-requests=1000"});
    return kubectl_.Command(words);
  }

 private:
  // What comes back by itself, such as an API server.
  static absl::Status Passing(const absl::Status& status) {
    spdlog::warn("Kubernetes does not answer, trying on: {}", status.ToString());
    return absl::OkStatus();
  }

  // Of a run that an earlier launcher left here there may be more actors than its manifests say.
  absl::Status Apply() {
    const absl::StatusOr<std::string> there =
        kubectl_.Run({"get", "deployments", "-l", selector_, "-o", "name"});
    if (!there.ok()) return Passing(there.status());
    if (there->empty()) {
      DROVER_RETURN_IF_ERROR(kubectl_.Run({"apply", "-k", folder_}).status());
    } else {
      watch_.SetWhole();
    }
    applied_ = true;
    return absl::OkStatus();
  }

  // `have`: as its Deployment has it now. Not before the coordinator is heard, unless it was told
  // another number than its config's: it alone knows.
  absl::Status SetActors(const Desired& desired, uint32_t have) const {
    const bool told = desired.state == RunState::running ||
                      desired.actors != placement_.experiment.actors().count();
    if (!told || desired.actors == have) return absl::OkStatus();
    const absl::Status set =
        kubectl_
            .Run({"scale", "deployment/drover-actors", absl::StrCat("--replicas=", desired.actors)})
            .status();
    return set.ok() ? set : Passing(set);
  }

  // What a person's commands look for in the run directory.
  absl::Status Tell(const std::string& address) {
    if (address == told_) return absl::OkStatus();
    told_ = address;
    std::string text;
    google::protobuf::TextFormat::PrintToString(LocalEndpoint({address}), &text);
    return WriteFile(absl::StrCat(placement_.run_dir, "/", kAddressFile), text);
  }

  std::string LearnersLog() const {
    return LogPath(placement_.run_dir, Role::Kind_Name(Role::learner), 0);
  }

  // The coordinator's files; false: not yet. The learner's log tells why a run failed, and goes
  // with its pod.
  bool Fetch() const {
    for (const char* file : {kMetricsFile, kSummaryFile}) {
      const absl::StatusOr<std::string> text =
          kubectl_.Run({"exec", "deployment/drover-coordinator", "--", "cat",
                        absl::StrCat("/home/drover/runs/", name_, "/", file)});
      if (!text.ok()) return false;
      const absl::Status written = WriteFile(absl::StrCat(placement_.run_dir, "/", file), *text);
      if (!written.ok()) spdlog::error("{}", written.ToString());
    }
    std::string log;
    for (const char* which : {"--previous=true", "--previous=false"}) {
      log += kubectl_.Run({"logs", "deployment/drover-learner", which}).value_or("");
    }
    WriteFile(LearnersLog(), log).IgnoreError();
    return true;
  }

  const Placement placement_;
  const std::string name_;  // "": nothing of it was launched
  const std::string selector_;
  const std::string folder_;
  const Kubectl kubectl_;
  KubernetesWatch watch_;
  PortForward forward_;
  std::string coordinator_;  // to which it leads
  std::string told_;         // the address of the address file
  bool applied_ = false;
  bool over_ = false;
  int left_ = 0;
};

}  // namespace

std::unique_ptr<Engine> MakeKubernetesEngine(const Placement& placement) {
  return std::make_unique<KubernetesEngine>(placement);
}

}  // namespace drover
