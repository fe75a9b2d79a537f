#include "replay/replay_main.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/coordinator_session.h"
#include "client/member_http.h"
#include "client/report_histogram.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/rpc/address.h"
#include "common/spec.h"
#include "common/status_macros.h"
#include "replay/checkpoint.h"
#include "replay/replay_checkpointer.h"
#include "replay/replay_reporter.h"
#include "replay/replay_services.h"
#include "replay/store.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPatience{100};  // a stop may go unnoticed for so long
constexpr std::chrono::milliseconds kGrace{1000};    // for peers to end their streams
constexpr std::chrono::milliseconds kGoodbye{3000};  // trying to leave

// A replay server process, from its first call to its last.
class ReplayProcess {
 public:
  explicit ReplayProcess(const ReplayOptions& options) : options_(options) {}

  absl::Status Run();

 private:
  absl::Status Join();       // serves, and registers
  absl::Status OpenStore();  // as the run's config says, with what was saved
  absl::Status Leave(const absl::Status& status);

  const Replay& config() const { return session_->run().experiment().replay(); }
  bool durable() const { return config().durability() == Replay::Durability::snapshot; }
  Report MakeReport() DROVER_EXCLUDES(mutex_);

  const ReplayOptions& options_;
  std::atomic<bool> finish_{false};  // the run drains, or the session is over

  std::unique_ptr<Store> store_;
  std::unique_ptr<ReplayCheckpointer> checkpointer_;  // null: not durable
  std::unique_ptr<ReplayServices> services_;          // uses the above
  Mutex mutex_;
  ReplayReporter reporter_ DROVER_GUARDED_BY(mutex_);
  std::unique_ptr<CoordinatorSession> session_;  // its threads use the above
  std::unique_ptr<HttpServer> http_;             // likewise
};

absl::Status ReplayProcess::Run() {
  DROVER_RETURN_IF_ERROR(Join());
  absl::Status status = OpenStore();
  while (status.ok() && !finish_ && !options_.stop()) session_->WaitForDrain(kPatience);
  services_->Close(kGrace);
  if (status.ok() && checkpointer_ != nullptr) status = checkpointer_->SaveNow().status();
  status = Leave(status);
  if (options_.left) options_.left(status);
  return status;
}

absl::Status ReplayProcess::Join() {
  DROVER_ASSIGN_OR_RETURN(services_, ReplayServices::Start({options_.listen, options_.insecure}));
  CoordinatorSession::Options options;
  options.coordinator = options_.coordinator;
  options.role = Role::replay;
  options.index = options_.index;
  options.endpoint = LocalEndpoint(services_->addresses());
  options.give_up = options_.stop;
  options.on_table = [this](const MemberTable& table) {
    services_->SetTable(table);
    if (table.state() >= RunState::draining) finish_ = true;
  };
  options.on_over = [this](const absl::Status&) { finish_ = true; };
  DROVER_ASSIGN_OR_RETURN(session_, CoordinatorSession::Register(std::move(options)));
  spdlog::info("joined run {} with epoch {}, serves at {}", session_->run().run_id(),
               session_->run().epoch(), absl::StrJoin(services_->addresses(), ", "));
  return absl::OkStatus();
}

absl::Status ReplayProcess::OpenStore() {
  const RegisterReply& run = session_->run();
  if (options_.index >= config().shards()) {
    return absl::InvalidArgumentError(absl::StrCat("shard ", options_.index, "; this run has ",
                                                   config().shards(), " replay servers"));
  }
  DROVER_ASSIGN_OR_RETURN(UnrollLayout layout, UnrollLayout::Make(run.spec()));
  StoreOptions store{std::move(layout), {}};
  for (const ReplayTable& table : config().tables()) {
    DROVER_ASSIGN_OR_RETURN(store.tables.emplace_back(), TableOptions::Of(table));
  }
  // Shares of the budget: together never more than all of it.
  const uint64_t max_frames = run.experiment().budget().max_frames();
  store.max_frames =
      max_frames / config().shards() + (options_.index < max_frames % config().shards() ? 1 : 0);
  store.shard = static_cast<uint8_t>(options_.index);
  store.seed = run.experiment().seed();
  store.life = run.epoch();
  DROVER_ASSIGN_OR_RETURN(store_, Store::Make(std::move(store)));

  const uint64_t spec_hash = SpecHash(run.spec());
  ReplayServices::Checkpointing checkpointing;
  if (durable()) {
    const std::string root = absl::StrCat(run.run_dir(), "/replay/", options_.index);
    const auto restored = RestoreNewestStoreCheckpoint(root, spec_hash, store_.get());
    if (restored.ok()) spdlog::info("goes on from {}", *restored);
    if (!restored.ok() && !absl::IsNotFound(restored.status())) return restored.status();
    ReplayCheckpointer::Options options{store_.get(), spec_hash, root, config().keep()};
    options.every = std::chrono::duration<double>(config().snapshot_every_seconds());
    checkpointer_ = std::make_unique<ReplayCheckpointer>(std::move(options));
    checkpointing = [this](ReplayCheckpointer::Done done) { checkpointer_->Save(std::move(done)); };
  }
  services_->Open(store_.get(), spec_hash, std::move(checkpointing));
  session_->SetReport([this] { return MakeReport(); });
  HttpOptions http;
  http.address = options_.http;
  http.insecure = options_.insecure;
  DROVER_ASSIGN_OR_RETURN(http_, ServeMetrics(std::move(http), Role::replay, options_.index,
                                              [this] { return MakeReport(); }));
  return absl::OkStatus();
}

absl::Status ReplayProcess::Leave(const absl::Status& status) {
  session_->SetReport(nullptr);
  const absl::Status over = session_->status();
  if (!over.ok()) return status.ok() ? over : status;
  const absl::Status left = session_->Leave(store_ == nullptr ? Report() : MakeReport(), kGoodbye);
  if (!left.ok()) spdlog::info("left without a goodbye: {}", left.ToString());
  return status;
}

Report ReplayProcess::MakeReport() {
  InfoReply info = services_->info();
  if (checkpointer_ != nullptr) {
    info.mutable_counters()->set_checkpoint_error(checkpointer_->status().error);
  }
  MutexLock lock(&mutex_);
  Report report = reporter_.Make(info, MonotonicSeconds());
  AddHistogram("insert_seconds", services_->insert_seconds(), &report);
  AddHistogram("sample_seconds", services_->sample_seconds(), &report);
  return report;
}

}  // namespace

absl::Status RunReplay(const ReplayOptions& options) { return ReplayProcess(options).Run(); }

}  // namespace drover
