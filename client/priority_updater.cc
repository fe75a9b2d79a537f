#include "client/priority_updater.h"

#include <utility>

#include "common/check.h"
#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {
namespace {

constexpr std::chrono::milliseconds kPeerTimeout{100};

}  // namespace

PriorityUpdater::PriorityUpdater(Options options)
    : options_(std::move(options)), thread_([this] { Run(); }) {}

PriorityUpdater::~PriorityUpdater() { Stop(); }

void PriorityUpdater::Stop() {
  {
    MutexLock lock(&mutex_);
    over_ = true;
  }
  changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void PriorityUpdater::Add(const std::vector<uint64_t>& keys, const std::vector<float>& priorities) {
  DROVER_CHECK(keys.size() == priorities.size());
  if (keys.empty()) return;
  {
    MutexLock lock(&mutex_);
    const auto waiting = static_cast<size_t>(waiting_.keys_size());
    if (over_ || waiting + keys.size() > options_.most) {
      counters_.dropped += keys.size();
      return;
    }
    waiting_.mutable_keys()->Add(keys.begin(), keys.end());
    waiting_.mutable_priorities()->Add(priorities.begin(), priorities.end());
  }
  changed_.NotifyAll();
}

bool PriorityUpdater::Flush(std::chrono::steady_clock::time_point deadline) {
  MutexLock lock(&mutex_);
  while (!over_ && (sending_ || waiting_.keys_size() > 0)) {
    if (!changed_.WaitUntil(&mutex_, deadline)) return false;
  }
  return true;
}

PriorityUpdater::Counters PriorityUpdater::counters() const {
  MutexLock lock(&mutex_);
  return counters_;
}

void PriorityUpdater::Run() {
  UpdateRequest request;
  MutexLock lock(&mutex_);
  while (true) {
    while (!over_ && waiting_.keys_size() == 0) changed_.Wait(&mutex_);
    if (over_) return;
    request.Clear();
    request.Swap(&waiting_);
    sending_ = true;
    mutex_.Unlock();
    const absl::StatusOr<UpdateReply> reply = Send(&request);
    if (!reply.ok()) spdlog::debug("priorities were dropped: {}", reply.status().ToString());
    mutex_.Lock();
    sending_ = false;
    const auto keys = static_cast<uint64_t>(request.keys_size());
    if (reply.ok()) {
      counters_.sent += keys;
      counters_.updated += reply->updated();
      counters_.stale += reply->stale();
      counters_.unknown += reply->unknown();
    } else {
      counters_.dropped += keys;
    }
    changed_.NotifyAll();
  }
}

absl::StatusOr<UpdateReply> PriorityUpdater::Send(UpdateRequest* request) {
  DROVER_ASSIGN_OR_RETURN(const Endpoint server, options_.server(kPeerTimeout));
  if (const std::string endpoint = server.SerializeAsString();
      stub_ == nullptr || endpoint != endpoint_) {
    DROVER_ASSIGN_OR_RETURN(const auto channel, MakeChannel(server, ChannelUse::kBulk));
    stub_ = ReplayService::NewStub(channel);
    endpoint_ = endpoint;
  }
  const Identity identity = options_.identity();
  request->set_run_id(identity.run_id);
  request->set_member_id(identity.member_id);
  request->set_epoch(identity.epoch);
  request->set_table(options_.table);
  absl::StatusOr<UpdateReply> reply =
      CallUnary(stub_.get(), &ReplayService::Stub::Update, *request, options_.call_deadline);
  // A new connection for the next: on one that broke, calls would fail at once.
  if (!reply.ok()) stub_ = nullptr;
  return reply;
}

}  // namespace drover
