#include "coordinator/watchers.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/status_grpc.h"
#include "coordinator/membership.h"

namespace drover {

namespace {

bool Plays(uint64_t member_id) {
  const Role::Kind role = RoleOfMember(member_id);
  return role == Role::actor || role == Role::evaluator;
}

MemberTable Servers(const MemberTable& table) {
  MemberTable servers = table;
  auto* members = servers.mutable_members();
  members->erase(
      std::remove_if(members->begin(), members->end(),
                     [](const Member& member) { return member.endpoint().addresses().empty(); }),
      members->end());
  return servers;
}

// All of it but its version.
std::string Contents(MemberTable table) {
  table.clear_version();
  return table.SerializeAsString();
}

}  // namespace

// One stream; it deletes itself when gRPC is done with it. It is finished only after it left the
// list, so what is listed lives. gRPC never calls back from within StartWrite and Finish: both may
// be called with a lock held.
class Watchers::Stream final : public grpc::ServerWriteReactor<MemberTable> {
 public:
  Stream(Watchers* watchers, const WatchRequest& request)
      : watchers_(watchers), request_(request) {}

  const WatchRequest& request() const { return request_; }

  void Send(Table table) DROVER_EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (final_status_.has_value()) return;
    next_ = std::move(table);
    if (!writing_) WriteNext();
  }

  void Close(const grpc::Status& status) DROVER_EXCLUDES(mutex_) {
    MutexLock lock(&mutex_);
    if (final_status_.has_value()) return;
    final_status_ = status;
    if (!writing_) Finish(status);
  }

  void OnWriteDone(bool ok) override {
    if (!ok) watchers_->Unlist(this);
    MutexLock lock(&mutex_);
    writing_ = false;
    if (!ok && !final_status_.has_value()) final_status_ = grpc::Status::CANCELLED;
    if (final_status_.has_value()) {
      Finish(*final_status_);
    } else if (next_ != nullptr) {
      WriteNext();
    }
  }

  void OnCancel() override {
    watchers_->Unlist(this);
    Close(grpc::Status::CANCELLED);
  }

  void OnDone() override {
    { MutexLock lock(&mutex_); }  // whoever called Finish has let go of it
    delete this;
  }

 private:
  void WriteNext() DROVER_REQUIRES(mutex_) {
    current_ = std::exchange(next_, nullptr);
    writing_ = true;
    StartWrite(current_.get());
  }

  Watchers* const watchers_;
  const WatchRequest request_;
  Mutex mutex_;
  Table next_ DROVER_GUARDED_BY(mutex_);     // to be written after current_; may be null
  Table current_ DROVER_GUARDED_BY(mutex_);  // gRPC reads it while writing_
  bool writing_ DROVER_GUARDED_BY(mutex_) = false;
  std::optional<grpc::Status> final_status_ DROVER_GUARDED_BY(mutex_);
};

void Watchers::Unlist(const Stream* stream) {
  MutexLock lock(&mutex_);
  const auto found = streams_.find(stream->request().member_id());
  if (found != streams_.end() && found->second == stream) streams_.erase(found);
}

grpc::ServerWriteReactor<MemberTable>* Watchers::Open(const WatchRequest& request,
                                                      const MemberTable& table) {
  auto* stream = new Stream(this, request);
  MutexLock lock(&mutex_);
  Stream* const older = std::exchange(streams_[request.member_id()], stream);
  if (older != nullptr) {
    older->Close(grpc::Status(grpc::StatusCode::ABORTED, "the member opened another stream"));
  }
  stream->Send(std::make_shared<MemberTable>(Plays(request.member_id()) ? Servers(table) : table));
  return stream;
}

void Watchers::Publish(const MemberTable& table, const Check& check, bool heartbeat) {
  const Table all = std::make_shared<MemberTable>(table);
  const Table servers = std::make_shared<MemberTable>(Servers(table));
  MutexLock lock(&mutex_);
  const std::string before = std::exchange(servers_, Contents(*servers));
  const bool news = heartbeat || before != servers_;
  for (auto it = streams_.begin(); it != streams_.end();) {
    Stream* stream = it->second;
    const absl::Status status = check(stream->request());
    if (status.ok()) {
      const bool plays = Plays(stream->request().member_id());
      if (!plays || news) stream->Send(plays ? servers : all);
      ++it;
    } else {
      it = streams_.erase(it);
      stream->Close(ToGrpcStatus(status));
    }
  }
}

}  // namespace drover
