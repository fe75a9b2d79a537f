#ifndef DROVER_CLIENT_REGISTRATION_H_
#define DROVER_CLIENT_REGISTRATION_H_

#include <grpcpp/channel.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/identity.h"
#include "common/mutex.h"
#include "proto/coordinator.grpc.pb.h"

namespace drover {

// Whether the coordinator refused because this epoch counts no more: register again.
bool Fenced(const absl::Status& status);
// Whether the coordinator did not answer: try again.
bool Unreachable(const absl::Status& status);

// One process's place in the run, and the unary calls that get, keep and give
// it up. Calls block, at most call_deadline unless they say more; one thread
// at a time makes them. identity() is safe from any thread.
class Registration {
 public:
  struct Options {
    std::string coordinator;  // as common/rpc/run_address.h
    Role::Kind role = Role::unspecified;
    uint32_t index = 0;
    Endpoint endpoint;  // its host, so that its death can be noticed there, and what it serves
    std::chrono::milliseconds call_deadline{2000};
    bool any_index = false;       // the coordinator gives one: run() has it, which stays
    bool own_connection = false;  // shares none with others in this process
  };

  explicit Registration(Options options);

  // Gets a place, trying again for `timeout` while the coordinator cannot be
  // reached, and for two leases of the run while a dead process may hold the place. `give_up`
  // (may be empty) is asked between tries: CANCELLED. UNIMPLEMENTED: the
  // coordinator speaks another protocol version; else its own words.
  absl::Status Register(std::chrono::milliseconds timeout, const std::function<bool()>& give_up);

  // Gets a new epoch, after Fenced. ALREADY_EXISTS: another process has, or had, the place;
  // FAILED_PRECONDITION: the run has ended, or the coordinator serves another run now.
  absl::Status RegisterAgain() DROVER_EXCLUDES(mutex_);

  absl::Status Renew(const Report& report) DROVER_EXCLUDES(mutex_);

  // Gives the place up with the last report, trying again for `timeout`. Once fenced it
  // registers again to do so.
  absl::Status Leave(const Report& last, std::chrono::milliseconds timeout) DROVER_EXCLUDES(mutex_);

  // What the first registration said; empty before. Does not change after.
  const RegisterReply& run() const { return run_; }
  Identity identity() const DROVER_EXCLUDES(mutex_);
  // Of the coordinator where it was last found; it moves only with a scheduler.
  std::shared_ptr<Coordinator::Stub> stub() const DROVER_EXCLUDES(mutex_);

 private:
  absl::StatusOr<RegisterReply> Call();
  // Calls the coordinator; one that does not answer may be elsewhere the next time.
  template <typename Method, typename Request>
  auto Ask(Method method, const Request& request);
  absl::Status Find() DROVER_EXCLUDES(mutex_);
  std::shared_ptr<grpc::Channel> channel() const DROVER_EXCLUDES(mutex_);
  void Adopt(const RegisterReply& reply) DROVER_EXCLUDES(mutex_);

  const Options options_;
  RegisterReply run_;
  std::chrono::milliseconds lease_{3000};  // of a small run, until a coordinator tells another
  mutable Mutex mutex_;
  std::string address_ DROVER_GUARDED_BY(mutex_);
  std::shared_ptr<grpc::Channel> channel_ DROVER_GUARDED_BY(mutex_);   // null: not found yet
  std::shared_ptr<Coordinator::Stub> stub_ DROVER_GUARDED_BY(mutex_);  // likewise
  Identity identity_ DROVER_GUARDED_BY(mutex_);
};

}  // namespace drover

#endif  // DROVER_CLIENT_REGISTRATION_H_
