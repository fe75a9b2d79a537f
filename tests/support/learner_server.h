#ifndef DROVER_TESTS_SUPPORT_LEARNER_SERVER_H_
#define DROVER_TESTS_SUPPORT_LEARNER_SERVER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "common/mutex.h"
#include "common/rpc/server.h"
#include "proto/coordinator.pb.h"
#include "proto/trajectory.grpc.pb.h"
#include "proto/weights.grpc.pb.h"

namespace drover {

// The learner's two services as their protos have them, with the decisions in
// the test's hands. It keeps what it receives. Thread-safe.
class LearnerServer {
 public:
  LearnerServer();
  ~LearnerServer();

  // Listens on a socket of its own, the same each time. Kill() is a crash: streams just break.
  void Serve();
  void Kill();
  Endpoint endpoint() const;

  // Trajectories. What is granted goes to the open stream.
  void Grant(uint32_t unrolls, uint64_t version = 0);
  void Drain();
  void SendRaw(const LearnerMessage& message);
  void SetLeastEpoch(uint64_t epoch);            // lower ones are FAILED_PRECONDITION from now on
  void CloseStream(grpc::Status status);         // the open one, when its next message comes
  void SetLastSequence(uint64_t last_sequence);  // what the next Welcome says
  void SetState(const std::string& state);       // and this

  // Weights. A version goes out in chunks of `chunk` bytes to whoever wants a newer one.
  void Publish(uint64_t version, uint64_t frames, const std::string& data, uint64_t layout_hash);
  void SetChunkBytes(size_t bytes);
  void CorruptNext();   // the next set sent has a bit flipped
  void MisplaceNext();  // the first chunk of the next set sent says a wrong offset

  // What came so far.
  struct Seen {
    std::vector<Hello> hellos;
    std::vector<Unrolls> unrolls;  // accepted
    int64_t granted = 0;           // of the open stream, not yet used
    int overdrafts = 0;            // messages that were sent without credits
    int rejected = 0;
    int heartbeats = 0;  // on the trajectory stream
    int broken = 0;      // trajectory streams that ended
    std::vector<WeightsRequest> requests;
    int sets_sent = 0;
  };
  Seen seen() const;
  // Waits for it; false after 60 s.
  bool WaitFor(const std::function<bool(const Seen&)>& condition) const;

 private:
  class Trajectories;
  class Weights;

  using TrajectoryRpc = grpc::ServerReaderWriter<LearnerMessage, ActorMessage>;
  using WeightsRpc = grpc::ServerReaderWriter<WeightsChunk, WeightsRequest>;

  grpc::Status ServeActor(TrajectoryRpc* rpc);
  grpc::Status Greet(const ActorMessage& first, TrajectoryRpc* rpc);
  grpc::Status Receive(const ActorMessage& message);
  grpc::Status ServeSubscriber(WeightsRpc* rpc);
  void SendNewest() DROVER_REQUIRES(mutex_);

  const std::string address_;
  std::unique_ptr<Trajectories> trajectories_;
  std::unique_ptr<Weights> weights_;
  std::unique_ptr<RpcServer> server_;

  mutable Mutex mutex_;  // also held while writing to a stream: one write at a time
  mutable CondVar changed_;
  Seen seen_ DROVER_GUARDED_BY(mutex_);
  TrajectoryRpc* actor_ DROVER_GUARDED_BY(mutex_) = nullptr;  // the open, welcomed stream
  uint32_t environments_ DROVER_GUARDED_BY(mutex_) = 0;
  uint64_t last_sequence_ DROVER_GUARDED_BY(mutex_) = 0;
  std::string state_ DROVER_GUARDED_BY(mutex_);
  uint64_t least_epoch_ DROVER_GUARDED_BY(mutex_) = 0;
  grpc::Status closing_ DROVER_GUARDED_BY(mutex_);

  WeightsHeader newest_ DROVER_GUARDED_BY(mutex_);
  std::string data_ DROVER_GUARDED_BY(mutex_);
  size_t chunk_bytes_ DROVER_GUARDED_BY(mutex_) = 1 << 20;
  bool corrupt_ DROVER_GUARDED_BY(mutex_) = false;
  bool misplace_ DROVER_GUARDED_BY(mutex_) = false;
  WeightsRpc* subscriber_ DROVER_GUARDED_BY(mutex_) = nullptr;  // the open stream
  std::optional<uint64_t> wanted_ DROVER_GUARDED_BY(mutex_);    // it wants newer than this
};

}  // namespace drover

#endif  // DROVER_TESTS_SUPPORT_LEARNER_SERVER_H_
