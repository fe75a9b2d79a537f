#include "tests/support/coordinator_server.h"

#include <utility>

#include "common/check.h"
#include "common/rpc/trailer.h"
#include "common/spec.h"
#include "tests/support/socket.h"

namespace drover {
namespace {

constexpr uint64_t kMemberId = 7;
constexpr double kLeaseSeconds = 0.15;  // so renewals come each 50 ms

}  // namespace

CoordinatorServer::CoordinatorServer(Experiment experiment, Spec spec)
    : experiment_(std::move(experiment)), address_(NewSocketAddress()), spec_(std::move(spec)) {
  MutexLock lock(&mutex_);
  spec_.set_protocol_version(kProtocolVersion);
  table_.set_run_id("run");
  table_.set_version(1);
  table_.set_state(RunState::running);
}

void CoordinatorServer::Serve() {
  {
    MutexLock lock(&mutex_);
    stopping_ = false;
  }
  auto server = RpcServer::Start({{address_}}, {this});
  DROVER_CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
}

void CoordinatorServer::Kill() {
  {
    MutexLock lock(&mutex_);
    stopping_ = true;
  }
  changed_.NotifyAll();
  server_.reset();
}

void CoordinatorServer::Changed() {
  table_.set_version(table_.version() + 1);
  changed_.NotifyAll();
}

void CoordinatorServer::SetRunId(const std::string& run_id) {
  MutexLock lock(&mutex_);
  table_.set_run_id(run_id);
  Changed();
}

void CoordinatorServer::SetProtocolVersion(uint32_t version) {
  MutexLock lock(&mutex_);
  spec_.set_protocol_version(version);
}

void CoordinatorServer::SetState(RunState::Kind state) {
  MutexLock lock(&mutex_);
  table_.set_state(state);
  Changed();
}

void CoordinatorServer::SetLearner(const Endpoint& endpoint) {
  MutexLock lock(&mutex_);
  table_.clear_members();
  Member* learner = table_.add_members();
  learner->set_role(Role::learner);
  learner->set_epoch(++seen_.epoch);
  *learner->mutable_endpoint() = endpoint;
  Changed();
}

void CoordinatorServer::ClearLearner() {
  MutexLock lock(&mutex_);
  table_.clear_members();
  Changed();
}

void CoordinatorServer::SetMembers(const std::vector<Member>& members) {
  MutexLock lock(&mutex_);
  table_.clear_members();
  for (const Member& member : members) *table_.add_members() = member;
  Changed();
}

void CoordinatorServer::SetIndex(uint32_t index) {
  MutexLock lock(&mutex_);
  index_ = index;
}

void CoordinatorServer::SetRunDir(const std::string& run_dir) {
  MutexLock lock(&mutex_);
  run_dir_ = run_dir;
}

void CoordinatorServer::Fence() {
  MutexLock lock(&mutex_);
  fenced_epoch_ = seen_.epoch;
  Changed();
}

void CoordinatorServer::RefuseRegistration(grpc::Status status) {
  MutexLock lock(&mutex_);
  refusal_ = std::move(status);
}

void CoordinatorServer::TellLease(std::chrono::milliseconds lease) {
  MutexLock lock(&mutex_);
  told_lease_ = lease;
}

CoordinatorServer::Seen CoordinatorServer::seen() const {
  MutexLock lock(&mutex_);
  return seen_;
}

bool CoordinatorServer::WaitFor(const std::function<bool(const Seen&)>& condition) const {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  MutexLock lock(&mutex_);
  while (!condition(seen_)) {
    if (!changed_.WaitUntil(&mutex_, deadline)) return false;
  }
  return true;
}

bool CoordinatorServer::Current(uint64_t epoch) const { return epoch > fenced_epoch_; }

grpc::Status CoordinatorServer::Register(grpc::ServerContext* context,
                                         const RegisterRequest* request, RegisterReply* reply) {
  MutexLock lock(&mutex_);
  seen_.registrations.push_back(*request);
  changed_.NotifyAll();
  if (!refusal_.ok()) {
    if (told_lease_.has_value()) TellNumber(context, kLeaseMillis, told_lease_->count());
    return refusal_;
  }
  reply->set_run_id(table_.run_id());
  reply->set_member_id(kMemberId);
  reply->set_epoch(++seen_.epoch);
  reply->set_lease_seconds(kLeaseSeconds);
  reply->set_table_version(table_.version());
  *reply->mutable_experiment() = experiment_;
  *reply->mutable_spec() = spec_;
  reply->set_run_dir(run_dir_);
  reply->set_index(request->any_index() ? index_ : request->index());
  return grpc::Status::OK;
}

grpc::Status CoordinatorServer::Renew(grpc::ServerContext*, const RenewRequest* request,
                                      RenewReply*) {
  MutexLock lock(&mutex_);
  changed_.NotifyAll();
  if (!Current(request->epoch())) {
    ++seen_.refused_renewals;
    return {grpc::StatusCode::FAILED_PRECONDITION, "fenced"};
  }
  seen_.reports.push_back(request->report());
  return grpc::Status::OK;
}

grpc::Status CoordinatorServer::WatchMembers(grpc::ServerContext* context, const WatchRequest*,
                                             grpc::ServerWriter<MemberTable>* writer) {
  MemberTable table;
  while (NextTable(context, &table) && writer->Write(table)) {
  }
  return {grpc::StatusCode::UNAVAILABLE, "stopping"};
}

bool CoordinatorServer::NextTable(grpc::ServerContext* context, MemberTable* table) {
  MutexLock lock(&mutex_);
  while (!stopping_ && !context->IsCancelled()) {
    if (table->version() != table_.version()) {
      *table = table_;
      return true;
    }
    changed_.WaitUntil(&mutex_, std::chrono::steady_clock::now() + std::chrono::milliseconds(20));
  }
  return false;
}

grpc::Status CoordinatorServer::Leave(grpc::ServerContext*, const LeaveRequest* request,
                                      LeaveReply*) {
  MutexLock lock(&mutex_);
  changed_.NotifyAll();
  if (!Current(request->epoch())) return {grpc::StatusCode::FAILED_PRECONDITION, "fenced"};
  seen_.goodbyes.push_back(request->report());
  return grpc::Status::OK;
}

}  // namespace drover
