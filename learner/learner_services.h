#ifndef DROVER_LEARNER_LEARNER_SERVICES_H_
#define DROVER_LEARNER_LEARNER_SERVICES_H_

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/server.h"
#include "learner/gradient_receiver.h"
#include "learner/trajectory_receiver.h"
#include "learner/weights_publisher.h"

namespace drover {

// All that a learner serves: trajectories, gradients and weights, on one server,
// with a thread that makes time go on for them. They refuse streams and calls until
// each is opened, so a learner can serve before it knows its run. Thread-safe.
class LearnerServices {
 public:
  // Errors as RpcServer::Start.
  static absl::StatusOr<std::unique_ptr<LearnerServices>> Start(const ServerOptions& options);
  ~LearnerServices();  // as Shutdown(0)
  LearnerServices(const LearnerServices&) = delete;
  LearnerServices& operator=(const LearnerServices&) = delete;

  const std::vector<std::string>& addresses() const { return server_->addresses(); }
  TrajectoryReceiver* receiver() { return &receiver_; }
  GradientReceiver* gradients() { return &gradients_; }
  WeightsPublisher* publisher() { return &publisher_; }

  // Admits and fences by this table from now on.
  void SetTable(const MemberTable& table);

  // Gives peers `grace` to end their streams, then ends them.
  void Shutdown(std::chrono::milliseconds grace) DROVER_EXCLUDES(mutex_);

 private:
  LearnerServices() = default;
  void Tick() DROVER_EXCLUDES(mutex_);

  Admission actors_{{Role::actor}};
  Admission players_{{Role::actor, Role::evaluator}};
  TrajectoryReceiver receiver_{&actors_};
  GradientReceiver gradients_{&actors_};
  WeightsPublisher publisher_{&players_};
  std::unique_ptr<RpcServer> server_;

  Mutex mutex_;
  CondVar changed_;
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
  std::thread ticking_;
};

}  // namespace drover

#endif  // DROVER_LEARNER_LEARNER_SERVICES_H_
