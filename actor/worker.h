#ifndef DROVER_ACTOR_WORKER_H_
#define DROVER_ACTOR_WORKER_H_

#include <atomic>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "actor/actor_main.h"
#include "actor/weight_cache.h"
#include "agent/model/model.h"
#include "client/coordinator_session.h"
#include "client/weights_subscriber.h"
#include "env/spec.h"

namespace drover {

// What actors and evaluators have in common: membership, the model, and its
// weights from the learner, but for actors that get them in answer to gradients.
// Owned by the process's main thread.
class Worker {
 public:
  // Registers with the coordinator and builds what the run says.
  static absl::StatusOr<std::unique_ptr<Worker>> Join(const ActorOptions& options, Role::Kind role);
  ~Worker();

  const Experiment& experiment() const { return session_->run().experiment(); }
  const Spec& spec() const { return session_->run().spec(); }
  uint32_t index() const { return session_->run().index(); }
  const EnvironmentSpec& environment() const { return environment_; }
  const Model& model() const { return *model_; }
  Model* mutable_model() { return model_.get(); }
  WeightCache* weights() { return weights_.get(); }  // null: it pushes gradients
  CoordinatorSession* session() { return session_.get(); }
  IdentityFn identity() const;
  PeerFn learner() const { return Peer(Role::learner, 0); }
  PeerFn replay(uint32_t shard) const { return Peer(Role::replay, shard); }

  // The run drains or ended, the session is over, or the process was told to stop. Any thread.
  bool over() const { return finish_.load(std::memory_order_relaxed) || options_.stop(); }

  // Waits a little for newer weights than weights() has; false: none came.
  bool WaitForNewer();
  // Waits for the first. OK also when over().
  absl::Status WaitForFirst();

  // Waits until over(): one that has nothing more to do, since the learner takes nothing more,
  // would be replaced if it left before the coordinator knows why.
  void WaitForEnd() const;

  // Leaves with the last report. Returns why the work ended early: `status`,
  // else what ended the session, weights or membership; OK at the run's end.
  absl::Status Leave(absl::Status status, const Report& last);

 private:
  Worker(const ActorOptions& options, Role::Kind role) : options_(options), role_(role) {}

  absl::Status Register();
  absl::Status Build();
  void Subscribe();
  PeerFn Peer(Role::Kind role, uint32_t index) const;

  const ActorOptions options_;
  const Role::Kind role_;
  std::atomic<bool> finish_{false};
  std::unique_ptr<CoordinatorSession> session_;
  EnvironmentSpec environment_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<WeightsSubscriber> subscriber_;  // null, as weights_, if it pushes gradients
  std::unique_ptr<WeightCache> weights_;
};

}  // namespace drover

#endif  // DROVER_ACTOR_WORKER_H_
