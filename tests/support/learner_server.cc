#include "tests/support/learner_server.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <utility>

#include "common/check.h"
#include "common/crc32c.h"
#include "common/rpc/address.h"
#include "tests/support/socket.h"

namespace drover {
namespace {

// Whether all of a column of float32 are numbers.
bool IsFinite(const std::string& column) {
  for (size_t i = 0; i + sizeof(float) <= column.size(); i += sizeof(float)) {
    float value;
    std::memcpy(&value, &column[i], sizeof(value));
    if (!std::isfinite(value)) return false;
  }
  return true;
}

}  // namespace

class LearnerServer::Trajectories final : public TrajectoryService::Service {
 public:
  explicit Trajectories(LearnerServer* server) : server_(server) {}

 private:
  grpc::Status Stream(grpc::ServerContext*, TrajectoryRpc* rpc) override {
    return server_->ServeActor(rpc);
  }
  LearnerServer* const server_;
};

class LearnerServer::Weights final : public WeightsService::Service {
 public:
  explicit Weights(LearnerServer* server) : server_(server) {}

 private:
  grpc::Status Subscribe(grpc::ServerContext*, WeightsRpc* rpc) override {
    return server_->ServeSubscriber(rpc);
  }
  LearnerServer* const server_;
};

LearnerServer::LearnerServer()
    : address_(NewSocketAddress()),
      trajectories_(std::make_unique<Trajectories>(this)),
      weights_(std::make_unique<Weights>(this)) {}

LearnerServer::~LearnerServer() { Kill(); }

void LearnerServer::Serve() {
  auto server = RpcServer::Start({{address_}}, {trajectories_.get(), weights_.get()});
  DROVER_CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
}

void LearnerServer::Kill() { server_.reset(); }

Endpoint LearnerServer::endpoint() const { return LocalEndpoint({address_}); }

grpc::Status LearnerServer::ServeActor(TrajectoryRpc* rpc) {
  ActorMessage message;
  if (!rpc->Read(&message)) return grpc::Status::CANCELLED;
  grpc::Status status = Greet(message, rpc);
  while (status.ok() && rpc->Read(&message)) status = Receive(message);
  MutexLock lock(&mutex_);
  if (actor_ == rpc) actor_ = nullptr;
  ++seen_.broken;
  changed_.NotifyAll();
  return status;
}

grpc::Status LearnerServer::Greet(const ActorMessage& first, TrajectoryRpc* rpc) {
  MutexLock lock(&mutex_);
  changed_.NotifyAll();
  if (!first.has_hello()) return {grpc::StatusCode::INVALID_ARGUMENT, "no Hello"};
  seen_.hellos.push_back(first.hello());
  if (first.hello().epoch() < least_epoch_) {
    return {grpc::StatusCode::FAILED_PRECONDITION, "an old epoch"};
  }
  LearnerMessage welcome;
  welcome.mutable_welcome()->set_last_sequence(last_sequence_);
  welcome.mutable_welcome()->set_state(state_);
  rpc->Write(welcome);
  actor_ = rpc;
  environments_ = first.hello().environments();
  seen_.granted = 0;
  closing_ = grpc::Status::OK;
  return grpc::Status::OK;
}

grpc::Status LearnerServer::Receive(const ActorMessage& message) {
  MutexLock lock(&mutex_);
  changed_.NotifyAll();
  if (!closing_.ok()) return closing_;
  if (message.has_heartbeat()) ++seen_.heartbeats;
  if (message.has_heartbeat()) return grpc::Status::OK;
  if (!message.has_unrolls()) return {grpc::StatusCode::INVALID_ARGUMENT, "not an unroll"};
  seen_.granted -= environments_;
  if (seen_.granted < 0) {
    ++seen_.overdrafts;
    return {grpc::StatusCode::RESOURCE_EXHAUSTED, "more unrolls than credits"};
  }
  const Unrolls& unrolls = message.unrolls();
  last_sequence_ = unrolls.sequence();
  if (unrolls.columns_size() > 0 && !IsFinite(unrolls.columns(0))) {
    ++seen_.rejected;
    LearnerMessage answer;
    answer.mutable_rejected()->set_sequence(unrolls.sequence());
    answer.mutable_rejected()->set_reason("not a number");
    actor_->Write(answer);
    return grpc::Status::OK;
  }
  seen_.unrolls.push_back(unrolls);
  return grpc::Status::OK;
}

void LearnerServer::Grant(uint32_t unrolls, uint64_t version) {
  MutexLock lock(&mutex_);
  DROVER_CHECK(actor_ != nullptr);
  LearnerMessage message;
  message.mutable_credit()->set_unrolls(unrolls);
  message.mutable_credit()->set_version(version);
  seen_.granted += unrolls;
  actor_->Write(message);
}

void LearnerServer::Drain() {
  LearnerMessage message;
  message.mutable_drain();
  SendRaw(message);
}

void LearnerServer::SendRaw(const LearnerMessage& message) {
  MutexLock lock(&mutex_);
  DROVER_CHECK(actor_ != nullptr);
  actor_->Write(message);
}

void LearnerServer::SetLeastEpoch(uint64_t epoch) {
  MutexLock lock(&mutex_);
  least_epoch_ = epoch;
}

void LearnerServer::CloseStream(grpc::Status status) {
  MutexLock lock(&mutex_);
  closing_ = std::move(status);
}

void LearnerServer::SetLastSequence(uint64_t last_sequence) {
  MutexLock lock(&mutex_);
  last_sequence_ = last_sequence;
}

void LearnerServer::SetState(const std::string& state) {
  MutexLock lock(&mutex_);
  state_ = state;
}

grpc::Status LearnerServer::ServeSubscriber(WeightsRpc* rpc) {
  WeightsRequest request;
  while (rpc->Read(&request)) {
    MutexLock lock(&mutex_);
    changed_.NotifyAll();
    if (request.has_newer_than()) {
      seen_.requests.push_back(request);
      subscriber_ = rpc;
      wanted_ = request.newer_than();
      SendNewest();
    }
  }
  MutexLock lock(&mutex_);
  if (subscriber_ == rpc) subscriber_ = nullptr;
  return grpc::Status::OK;
}

void LearnerServer::Publish(uint64_t version, uint64_t frames, const std::string& data,
                            uint64_t layout_hash) {
  MutexLock lock(&mutex_);
  newest_.set_version(version);
  newest_.set_frames(frames);
  newest_.set_total_bytes(data.size());
  newest_.set_crc32c(Crc32c(data));
  newest_.set_layout_hash(layout_hash);
  data_ = data;
  SendNewest();
}

void LearnerServer::SendNewest() {
  const bool due = subscriber_ != nullptr && wanted_.has_value() && newest_.version() > *wanted_;
  if (!due) return;
  wanted_.reset();
  std::string data = data_;
  if (corrupt_) data[data.size() / 2] ^= 4;
  for (size_t offset = 0; offset < data.size(); offset += chunk_bytes_) {
    WeightsChunk chunk;
    if (offset == 0) *chunk.mutable_header() = newest_;
    chunk.set_offset(offset + (misplace_ && offset == 0 ? 1 : 0));
    chunk.set_data(data.substr(offset, chunk_bytes_));
    subscriber_->Write(chunk);
  }
  corrupt_ = misplace_ = false;
  ++seen_.sets_sent;
  changed_.NotifyAll();
}

void LearnerServer::SetChunkBytes(size_t bytes) {
  MutexLock lock(&mutex_);
  chunk_bytes_ = bytes;
}

void LearnerServer::CorruptNext() {
  MutexLock lock(&mutex_);
  corrupt_ = true;
}

void LearnerServer::MisplaceNext() {
  MutexLock lock(&mutex_);
  misplace_ = true;
}

LearnerServer::Seen LearnerServer::seen() const {
  MutexLock lock(&mutex_);
  return seen_;
}

bool LearnerServer::WaitFor(const std::function<bool(const Seen&)>& condition) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  MutexLock lock(&mutex_);
  while (!condition(seen_)) {
    if (!changed_.WaitUntil(&mutex_, deadline)) return false;
  }
  return true;
}

}  // namespace drover
