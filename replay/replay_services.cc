#include "replay/replay_services.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/status_grpc.h"
#include "common/status_macros.h"
#include "proto/replay.grpc.pb.h"
#include "replay/table.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;
using Context = grpc::CallbackServerContext;

constexpr std::chrono::milliseconds kTick{100};

TableInfo Describe(const Table& table) {
  const TableStatus status = table.status();
  TableInfo info;
  info.set_name(table.options().name);
  info.set_size(status.size);
  info.set_capacity(table.options().capacity);
  info.set_mass(status.mass);
  info.set_inserts(status.limiter.inserts);
  info.set_samples(status.limiter.samples);
  info.set_largest_priority(status.max_priority);
  info.set_min_size(status.limit.min_size);
  info.set_samples_per_insert(status.limit.samples_per_insert);
  info.set_min_diff(status.limit.min_diff);
  info.set_max_diff(status.limit.max_diff);
  info.set_insert_wait_seconds(status.insert.total_seconds);
  info.set_insert_wait_current(status.insert.current_seconds);
  info.set_sample_wait_seconds(status.sample.total_seconds);
  info.set_sample_wait_current(status.sample.current_seconds);
  info.set_updates(status.updates);
  info.set_removed(status.evicted + status.sampled_out + status.deleted);
  info.set_stale_keys(status.stale_keys);
  info.set_unknown_keys(status.unknown_keys);
  info.set_refused_updates(status.refused_updates);
  return info;
}

void Describe(const StoreCounters& counters, ReplayCounters* out) {
  out->set_frames(counters.frames);
  out->set_messages(counters.messages);
  out->set_repeated_messages(counters.repeated);
  out->set_late_messages(counters.late);
  out->set_rejected_messages(counters.rejected);
  out->set_incomplete_items(counters.unlinked_items);
  out->set_chunks(counters.chunks);
  out->set_chunk_bytes(counters.payload_bytes);
}

}  // namespace

// Streams see raw messages; the rest are small.
class ReplayServices::Service final
    : public ReplayService::WithRawCallbackMethod_Insert<
          ReplayService::WithRawCallbackMethod_Sample<ReplayService::WithCallbackMethod_Update<
              ReplayService::WithCallbackMethod_Configure<ReplayService::WithCallbackMethod_Info<
                  ReplayService::WithCallbackMethod_Checkpoint<ReplayService::Service>>>>>> {
 public:
  explicit Service(ReplayServices* owner) : owner_(owner) {}

  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Insert(Context* context) override {
    return owner_->inserts_.Accept(context);
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>* Sample(Context* context) override {
    return owner_->samples_.Accept(context);
  }
  grpc::ServerUnaryReactor* Update(Context* context, const UpdateRequest* request,
                                   UpdateReply* reply) override {
    return Finish(context, owner_->Answer(owner_->Update(*request, reply)));
  }
  grpc::ServerUnaryReactor* Configure(Context* context, const ConfigureRequest* request,
                                      ConfigureReply* /*reply*/) override {
    return Finish(context, owner_->Answer(owner_->Configure(*request)));
  }
  grpc::ServerUnaryReactor* Info(Context* context, const InfoRequest* /*request*/,
                                 InfoReply* reply) override {
    const absl::Status status = owner_->OpenStore().status();
    if (status.ok()) *reply = owner_->info();
    return Finish(context, owner_->Answer(status));
  }
  grpc::ServerUnaryReactor* Checkpoint(Context* context, const CheckpointRequest* /*request*/,
                                       CheckpointReply* reply) override {
    const absl::Status open = owner_->OpenStore().status();
    if (!open.ok()) return Finish(context, owner_->Answer(open));
    Checkpointing checkpointing;
    {
      MutexLock lock(&owner_->mutex_);
      checkpointing = owner_->checkpointing_;
    }
    if (!checkpointing) {
      return Finish(context, owner_->Answer(absl::FailedPreconditionError(
                                 "this server writes no checkpoints: durability is none")));
    }
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    checkpointing([reactor, reply](const absl::StatusOr<std::string>& path) {
      if (path.ok()) reply->set_checkpoint(*path);
      reactor->Finish(ToGrpcStatus(path.status()));
    });
    return reactor;
  }

 private:
  static grpc::ServerUnaryReactor* Finish(Context* context, const grpc::Status& status) {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(status);
    return reactor;
  }

  ReplayServices* const owner_;
};

// ---- The server.

ReplayServices::ReplayServices(const StreamLimits& limits)
    : inserts_(&writers_, limits, [this](uint64_t id) { Woken(&woken_inserts_, id); }),
      samples_(&learners_, limits, [this](uint64_t id) { Woken(&woken_samples_, id); }),
      service_(std::make_unique<Service>(this)) {}

absl::StatusOr<std::unique_ptr<ReplayServices>> ReplayServices::Start(const ServerOptions& options,
                                                                      const StreamLimits& limits) {
  std::unique_ptr<ReplayServices> services(new ReplayServices(limits));
  DROVER_ASSIGN_OR_RETURN(services->server_, RpcServer::Start(options, {services->service_.get()}));
  services->running_ = std::thread([services = services.get()] { services->Run(); });
  return services;
}

ReplayServices::~ReplayServices() {
  Close(std::chrono::milliseconds(0));
  if (server_ != nullptr) server_->Shutdown(kTick);
  // With their locks: what gRPC's threads did last came before this.
  DROVER_CHECK(inserts_.counters().admitted == 0 && samples_.counters().admitted == 0);
  {
    MutexLock lock(&mutex_);
    over_ = true;
  }
  changed_.NotifyAll();
  if (running_.joinable()) running_.join();
}

void ReplayServices::Open(Store* store, uint64_t spec_hash, Checkpointing checkpointing) {
  {
    MutexLock lock(&mutex_);
    store_ = store;
    checkpointing_ = std::move(checkpointing);
  }
  inserts_.Open(store, spec_hash);
  samples_.Open(store, spec_hash);
}

void ReplayServices::SetTable(const MemberTable& table) {
  writers_.Update(table);
  learners_.Update(table);
  std::set<uint64_t> members;
  for (const Member& member : table.members()) members.insert(member.member_id());
  if (const auto store = OpenStore(); store.ok()) (*store)->KeepWriters(members);
  inserts_.Tick(Clock::now());
  samples_.Tick(Clock::now());
}

void ReplayServices::Woken(std::set<uint64_t>* streams, uint64_t id) {
  MutexLock lock(&mutex_);
  streams->insert(id);
  changed_.NotifyOne();
}

void ReplayServices::Run() {
  Clock::time_point tick = Clock::now() + kTick;
  while (true) {
    std::set<uint64_t> inserts;
    std::set<uint64_t> samples;
    {
      MutexLock lock(&mutex_);
      while (!over_ && woken_inserts_.empty() && woken_samples_.empty() && Clock::now() < tick) {
        changed_.WaitUntil(&mutex_, tick);
      }
      if (over_) return;
      inserts.swap(woken_inserts_);
      samples.swap(woken_samples_);
    }
    for (const uint64_t id : inserts) inserts_.Retry(id);
    for (const uint64_t id : samples) samples_.Retry(id);
    if (Clock::now() < tick) continue;
    inserts_.Tick(Clock::now());
    samples_.Tick(Clock::now());
    tick = Clock::now() + kTick;
  }
}

void ReplayServices::Close(std::chrono::milliseconds grace) {
  const Clock::time_point deadline = Clock::now() + grace;
  while (inserts_.counters().admitted + samples_.counters().admitted > 0 &&
         Clock::now() < deadline) {
    std::this_thread::sleep_for(kTick / 10);
  }
  inserts_.Close();
  samples_.Close();
}

// ---- Unary calls.

absl::StatusOr<Store*> ReplayServices::OpenStore() const {
  MutexLock lock(&mutex_);
  if (store_ == nullptr) return absl::UnavailableError("replay is not ready");
  return store_;
}

grpc::Status ReplayServices::Answer(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  MutexLock lock(&mutex_);
  if (store_ != nullptr) ++refused_calls_;
  return ToGrpcStatus(status);
}

absl::Status ReplayServices::CheckCaller(const UpdateRequest& request) const {
  const Peer peer{request.run_id(), request.member_id(), request.epoch(), 0, Clock::now()};
  const Admission::Decision decision = learners_.Decide(peer, Clock::now());
  return decision.status;
}

absl::Status ReplayServices::Update(const UpdateRequest& request, UpdateReply* reply) {
  DROVER_ASSIGN_OR_RETURN(Store * store, OpenStore());
  DROVER_RETURN_IF_ERROR(CheckCaller(request));
  DROVER_ASSIGN_OR_RETURN(const size_t index, store->FindTable(request.table()));
  Table& table = store->table(index);
  DROVER_ASSIGN_OR_RETURN(const KeyCounts updates,
                          table.UpdatePriorities(request.keys(), request.priorities()));
  const KeyCounts deletes = table.Delete(request.deletes());
  reply->set_updated(updates.applied);
  reply->set_deleted(deletes.applied);
  reply->set_stale(updates.stale + deletes.stale);
  reply->set_unknown(updates.unknown + deletes.unknown);
  return absl::OkStatus();
}

absl::Status ReplayServices::Configure(const ConfigureRequest& request) {
  DROVER_ASSIGN_OR_RETURN(Store * store, OpenStore());
  DROVER_ASSIGN_OR_RETURN(const size_t index, store->FindTable(request.table()));
  Table& table = store->table(index);
  RateLimit limit = table.status().limit;
  if (request.has_min_size()) {
    limit.min_size = static_cast<uint32_t>(
        std::min<uint64_t>(request.min_size(), TableOptions::kMaxCapacity + 1));
  }
  if (request.has_samples_per_insert()) limit.samples_per_insert = request.samples_per_insert();
  if (request.has_min_diff()) limit.min_diff = request.min_diff();
  if (request.has_max_diff()) limit.max_diff = request.max_diff();
  return table.Configure(limit);
}

InfoReply ReplayServices::info() const {
  InfoReply reply;
  const absl::StatusOr<Store*> store = OpenStore();
  if (!store.ok()) return reply;
  reply.set_shard((*store)->shard());
  for (size_t i = 0; i < (*store)->tables(); ++i)
    *reply.add_tables() = Describe((*store)->table(i));
  ReplayCounters* counters = reply.mutable_counters();
  Describe((*store)->counters(), counters);
  const ReplayStreams::Counters inserts = inserts_.counters();
  const ReplayStreams::Counters samples = samples_.counters();
  counters->set_refused_streams(inserts.refused_streams + samples.refused_streams);
  counters->set_writers(inserts.admitted);
  counters->set_samplers(samples.admitted);
  MutexLock lock(&mutex_);
  counters->set_refused_calls(refused_calls_);
  return reply;
}

}  // namespace drover
