#ifndef DROVER_TESTS_SUPPORT_COORDINATOR_SERVER_H_
#define DROVER_TESTS_SUPPORT_COORDINATOR_SERVER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "common/rpc/server.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {

// The Coordinator service as proto/coordinator.proto has it, with the decisions
// in the test's hands: who is fenced, what the table says. Thread-safe.
class CoordinatorServer final : public Coordinator::Service {
 public:
  explicit CoordinatorServer(Experiment experiment = {}, Spec spec = {});
  ~CoordinatorServer() override { Kill(); }

  // Listens on a socket of its own, the same each time.
  void Serve();
  void Kill();
  const std::string& address() const { return address_; }

  // From now on:
  void SetRunId(const std::string& run_id);
  void SetProtocolVersion(uint32_t version);
  void SetState(RunState::Kind state);
  void SetLearner(const Endpoint& endpoint);  // the table lists a learner there
  void ClearLearner();
  void SetMembers(const std::vector<Member>& members);  // the table lists these
  void SetIndex(uint32_t index);                        // what those hear that take any
  void SetRunDir(const std::string& run_dir);           // what registrations hear
  void Fence();                                         // no epoch granted so far is good any more
  void RefuseRegistration(grpc::Status status);         // OK: accept them again
  void TellLease(std::chrono::milliseconds lease);      // beside refused registrations

  // What came so far.
  struct Seen {
    std::vector<RegisterRequest> registrations;
    std::vector<Report> reports;  // of renewals that were granted
    std::vector<Report> goodbyes;
    uint64_t epoch = 0;  // newest granted
    int refused_renewals = 0;
  };
  Seen seen() const;
  // Waits for it; false after 60 s.
  bool WaitFor(const std::function<bool(const Seen&)>& condition) const;

 private:
  grpc::Status Register(grpc::ServerContext* context, const RegisterRequest* request,
                        RegisterReply* reply) override;
  grpc::Status Renew(grpc::ServerContext* context, const RenewRequest* request,
                     RenewReply* reply) override;
  grpc::Status WatchMembers(grpc::ServerContext* context, const WatchRequest* request,
                            grpc::ServerWriter<MemberTable>* writer) override;
  grpc::Status Leave(grpc::ServerContext* context, const LeaveRequest* request,
                     LeaveReply* reply) override;

  // Waits for a table other than `table` and puts it there; false: the stream is over.
  bool NextTable(grpc::ServerContext* context, MemberTable* table);
  bool Current(uint64_t epoch) const DROVER_REQUIRES(mutex_);
  void Changed() DROVER_REQUIRES(mutex_);

  const Experiment experiment_;
  const std::string address_;
  std::unique_ptr<RpcServer> server_;

  mutable Mutex mutex_;
  mutable CondVar changed_;
  Spec spec_ DROVER_GUARDED_BY(mutex_);
  std::string run_dir_ DROVER_GUARDED_BY(mutex_);
  uint32_t index_ DROVER_GUARDED_BY(mutex_) = 0;
  MemberTable table_ DROVER_GUARDED_BY(mutex_);
  Seen seen_ DROVER_GUARDED_BY(mutex_);
  uint64_t fenced_epoch_ DROVER_GUARDED_BY(mutex_) = 0;  // this one and all below
  grpc::Status refusal_ DROVER_GUARDED_BY(mutex_);
  std::optional<std::chrono::milliseconds> told_lease_ DROVER_GUARDED_BY(mutex_);
  bool stopping_ DROVER_GUARDED_BY(mutex_) = false;
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_COORDINATOR_SERVER_H_
