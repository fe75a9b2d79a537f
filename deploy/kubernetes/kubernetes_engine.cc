#include "deploy/kubernetes/kubernetes_engine.h"

#include <google/protobuf/text_format.h>
#include <spdlog/spdlog.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/process.h"
#include "common/rpc/address.h"
#include "common/rpc/run_address.h"
#include "common/status_macros.h"
#include "common/topology.h"
#include "coordinator/coordinator_main.h"
#include "deploy/command.h"
#include "deploy/kubernetes/kubernetes_overlay.h"
#include "deploy/kubernetes/kubernetes_pods.h"

namespace drover {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPodsPause{2000};
constexpr std::chrono::seconds kDeleteLimit{180};  // beyond terminationGracePeriodSeconds
constexpr char kPods[] = "app=drover";

// deploy/kubernetes of the build or the installation that has this executable.
absl::StatusOr<fs::path> FindManifests(const fs::path& drover) {
  const std::vector<fs::path> places = {
      fs::path(drover.string() + ".runfiles") / "drover" / "deploy" / "kubernetes",
      drover.parent_path().parent_path() / "kubernetes"};
  for (const fs::path& place : places) {
    std::error_code ignored;
    if (fs::exists(place / "base" / "kustomization.yaml", ignored)) return place;
  }
  return absl::NotFoundError(absl::StrCat("the manifests are not at ", places.back().string()));
}

// kubectl says the same thing many times before it says it plainly.
std::string LastLine(const absl::Status& status) {
  const std::vector<std::string> lines =
      absl::StrSplit(status.message(), '\n', absl::SkipWhitespace());
  return lines.empty() ? "" : lines.back();
}

class KubernetesEngine final : public Engine {
 public:
  explicit KubernetesEngine(Placement placement)
      : placement_(std::move(placement)),
        folder_(absl::StrCat(placement_.run_dir, "/kubernetes")),
        namespace_(KubernetesNamespace(placement_.experiment)) {}

  absl::Status Check() override {
    if (placement_.resume) {
      return absl::FailedPreconditionError(
          "a run on Kubernetes is not resumed: while it has not ended, it goes on by itself");
    }
    DROVER_RETURN_IF_ERROR(
        KubernetesOverlay(placement_.experiment, "run", placement_.insecure).status());
    const absl::StatusOr<std::string> found =
        Kubectl({"get", "deployments", "-l", kPods, "-o", "name", "--request-timeout=5s"});
    if (!found.ok()) {
      return absl::FailedPreconditionError(
          absl::StrCat("there is no Kubernetes to start it on: ", LastLine(found.status())));
    }
    if (found->empty()) return absl::OkStatus();
    return absl::FailedPreconditionError(
        absl::StrCat("there is a run in namespace ", namespace_,
                     " already; cluster.kubernetes.name_space names another"));
  }

  absl::Status Prepare() override {
    DROVER_ASSIGN_OR_RETURN(const fs::path manifests, FindManifests(placement_.drover));
    DROVER_RETURN_IF_ERROR(MakeDirectories(absl::StrCat(folder_, "/base")));
    for (const char* file :
         {"kustomization.yaml", "coordinator.yaml", "learner.yaml", "actors.yaml"}) {
      DROVER_ASSIGN_OR_RETURN(const std::string text,
                              ReadFile((manifests / "base" / file).string()));
      DROVER_RETURN_IF_ERROR(WriteFile(absl::StrCat(folder_, "/base/", file), text));
    }
    DROVER_ASSIGN_OR_RETURN(auto files,
                            KubernetesOverlay(placement_.experiment, Name(), placement_.insecure));
    DROVER_ASSIGN_OR_RETURN(files[kConfigFile],
                            ReadFile(absl::StrCat(placement_.run_dir, "/", kConfigFile)));
    if (UsesReplay(placement_.experiment)) {
      DROVER_ASSIGN_OR_RETURN(const std::string first,
                              ReadFile((manifests / "overlays/replay/replay.yaml").string()));
      for (uint32_t shard = 0; shard < placement_.experiment.replay().shards(); ++shard) {
        files[absl::StrCat("replay-", shard, ".yaml")] = ReplayManifest(first, shard);
      }
    }
    for (const auto& [name, text] : files) {
      DROVER_RETURN_IF_ERROR(WriteFile(absl::StrCat(folder_, "/", name), text));
    }
    return absl::OkStatus();
  }

  absl::Status Tend(const Desired& desired) override {
    if (!applied_) {
      DROVER_RETURN_IF_ERROR(Kubectl({"apply", "-k", folder_}).status());
      applied_ = true;
    }
    // It answers until it is deleted, so that its files can be had.
    if (desired.state == RunState::ended && !over_) over_ = Fetch();
    if (over_ || desired.closing) return absl::OkStatus();
    if (desired.actors != actors_ && desired.state <= RunState::running) {
      DROVER_RETURN_IF_ERROR(Kubectl({"scale", "deployment/drover-actors",
                                      absl::StrCat("--replicas=", desired.actors)})
                                 .status());
      actors_ = desired.actors;
    }
    const absl::StatusOr<std::string> pods = Kubectl({"get", "pods", "-l", kPods, "-o", "json"});
    if (!pods.ok()) {  // an API server that is away comes back
      spdlog::warn("Kubernetes does not answer, trying on: {}", pods.status().ToString());
      return absl::OkStatus();
    }
    left_ = CountPods(*pods);
    return CheckPods(*pods);
  }

  std::chrono::milliseconds pause() const override { return kPodsPause; }
  bool Over() const override { return over_; }
  int left() const override { return left_; }

  absl::Status Down(std::chrono::milliseconds /*grace*/) override {
    forward_.reset();
    // Each pod has its own grace; the volumes stay.
    return CommandOutput(Words({"delete", "deployments,services,configmaps", "-l", kPods,
                                "--cascade=foreground", "--wait"}),
                         kDeleteLimit)
        .status();
  }

  absl::Status Verdict() const override {
    const auto text = ReadFile(absl::StrCat(placement_.run_dir, "/", kSummaryFile));
    const auto summary = nlohmann::json::parse(text.value_or(""), nullptr, /*exceptions=*/false);
    if (summary.is_object() && summary.value("end_reason", "") != "failed") return absl::OkStatus();
    return absl::AbortedError("the run failed");
  }

  absl::StatusOr<std::string> CoordinatorAddress() override {
    const std::string log = absl::StrCat(folder_, "/port-forward.log");
    if (forward_.has_value() && !forward_->Poll().has_value()) {
      // "Forwarding from 127.0.0.1:41763 -> 7000"
      for (const absl::string_view line : absl::StrSplit(ReadFile(log).value_or(""), '\n')) {
        const std::vector<std::string> words = absl::StrSplit(line, ' ');
        if (words.size() < 3 || !absl::StartsWith(words[2], "127.0.0.1:")) continue;
        DROVER_RETURN_IF_ERROR(Tell(words[2]));
        return words[2];
      }
      return absl::UnavailableError("the coordinator is not there yet");
    }
    // It ends at once while there is no pod to reach.
    if (!applied_ || Clock::now() < next_forward_) {
      return absl::UnavailableError("the coordinator is not there yet");
    }
    next_forward_ = Clock::now() + kPodsPause;
    RemoveAll(log).IgnoreError();
    ProcessOptions options;
    options.command = Words({"port-forward", "deployment/drover-coordinator", ":7000"});
    options.log_path = log;
    DROVER_ASSIGN_OR_RETURN(Process process, Process::Start(options));
    forward_.emplace(std::move(process));
    return absl::UnavailableError("the coordinator is not there yet");
  }

  std::vector<std::string> LogCommand(const Place& place, bool follow) const override {
    std::vector<std::string> words = {"logs", "--tail=-1", "--prefix", "-l"};
    words.push_back(
        absl::StrCat(kPods, ",role=", Role::Kind_Name(place.role),
                     place.role == Role::replay ? absl::StrCat("-", place.index) : std::string()));
    if (follow) words.push_back("-f");
    return Words(words);
  }

 private:
  std::string Name() const { return fs::path(placement_.run_dir).filename().string(); }

  std::vector<std::string> Words(const std::vector<std::string>& words) const {
    std::vector<std::string> all = {"kubectl", "--namespace", namespace_};
    all.insert(all.end(), words.begin(), words.end());
    return all;
  }

  absl::StatusOr<std::string> Kubectl(const std::vector<std::string>& words) const {
    return CommandOutput(Words(words));
  }

  // What a person's commands look for in the run directory.
  absl::Status Tell(const std::string& address) {
    if (address == told_) return absl::OkStatus();
    told_ = address;
    std::string text;
    google::protobuf::TextFormat::PrintToString(LocalEndpoint({address}), &text);
    return WriteFile(absl::StrCat(placement_.run_dir, "/", kAddressFile), text);
  }

  // The coordinator's files; false: not yet.
  bool Fetch() const {
    for (const char* file : {kMetricsFile, kSummaryFile}) {
      const absl::StatusOr<std::string> text =
          Kubectl({"exec", "deployment/drover-coordinator", "--", "cat",
                   absl::StrCat("/home/drover/runs/", Name(), "/", file)});
      if (!text.ok()) return false;
      const absl::Status written = WriteFile(absl::StrCat(placement_.run_dir, "/", file), *text);
      if (!written.ok()) spdlog::error("{}", written.ToString());
    }
    return true;
  }

  const Placement placement_;
  const std::string folder_;
  const std::string namespace_;
  bool applied_ = false;
  uint32_t actors_ = 0;  // as last set
  bool over_ = false;
  int left_ = 0;
  std::optional<Process> forward_;
  Clock::time_point next_forward_;
  std::string told_;  // the address of the address file
};

}  // namespace

std::unique_ptr<Engine> MakeKubernetesEngine(const Placement& placement) {
  return std::make_unique<KubernetesEngine>(placement);
}

}  // namespace drover
