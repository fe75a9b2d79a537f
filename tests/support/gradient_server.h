#ifndef DROVER_TESTS_SUPPORT_GRADIENT_SERVER_H_
#define DROVER_TESTS_SUPPORT_GRADIENT_SERVER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "common/mutex.h"
#include "common/rpc/admission.h"
#include "common/rpc/server.h"
#include "learner/episode_statistics.h"
#include "learner/gradient_receiver.h"
#include "proto/coordinator.pb.h"

namespace drover {

// A parameter server for the members of tests/learner/peers.h: the real service, and a thread that
// subtracts each gradient from the weights. Thread-safe.
class GradientServer {
 public:
  GradientServer(const PushValidator::Options& form, std::vector<float> weights);
  ~GradientServer();  // as Kill()

  // Listens on a socket of its own, the same each time, as a learner that goes on from `totals`
  // with weights of `version`. Kill() is a crash: calls just break.
  void Serve(uint64_t version = 1, const ReceivedTotals& totals = {});
  void Kill();
  Endpoint endpoint() const;

  // Gradients wait, as long as it holds. It serves.
  void Hold(bool hold) DROVER_EXCLUDES(mutex_);

  std::vector<float> weights() const DROVER_EXCLUDES(mutex_);
  GradientReceiver* receiver() { return receiver_.get(); }

 private:
  void Apply() DROVER_EXCLUDES(mutex_);
  std::string Bytes() const DROVER_REQUIRES(mutex_);

  const PushValidator::Options form_;
  const std::string address_;
  Admission admission_{{Role::actor}};
  EpisodeStatistics episodes_{100};
  std::unique_ptr<GradientReceiver> receiver_;
  std::unique_ptr<RpcServer> server_;
  std::thread applying_;

  mutable Mutex mutex_;
  CondVar changed_;
  std::vector<float> weights_ DROVER_GUARDED_BY(mutex_);
  uint64_t version_ DROVER_GUARDED_BY(mutex_) = 0;
  bool hold_ DROVER_GUARDED_BY(mutex_) = false;
  bool holding_ DROVER_GUARDED_BY(mutex_) = false;  // the thread has seen it
  bool over_ DROVER_GUARDED_BY(mutex_) = false;
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_GRADIENT_SERVER_H_
