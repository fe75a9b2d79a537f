#ifndef DROVER_ACTOR_REPLAY_TRANSPORT_H_
#define DROVER_ACTOR_REPLAY_TRANSPORT_H_

#include <cstdint>
#include <functional>
#include <utility>

#include "actor/transport.h"
#include "client/replay_writer.h"
#include "proto/experiment.pb.h"
#include "proto/replay.pb.h"

namespace drover {

// Sends unrolls to a replay server, with an item in each of its tables for every window of steps
// that they complete. Nothing is acquired beforehand: who is ahead of the table's rate limiter
// waits in Send.
class ReplayTransport final : public Transport {
 public:
  // `writer` outlives this. E environments, T steps in an unroll. `stop` is asked while it waits.
  ReplayTransport(ReplayWriter* writer, const Replay& config, uint32_t environments, uint32_t steps,
                  std::function<bool()> stop);

  absl::Status AcquireCredits(Time deadline) override;
  absl::Status Send(Unrolls* unrolls) override;
  bool over() const override { return writer_->over(); }

 private:
  void AddItems(const ReplayTable& table);

  ReplayWriter* const writer_;
  const Replay config_;
  const uint32_t environments_;
  const uint32_t steps_;
  const std::function<bool()> stop_;
  uint64_t steps_before_ = 0;  // of this life, before the message at hand
  InsertRequest request_;
};

}  // namespace drover

#endif  // DROVER_ACTOR_REPLAY_TRANSPORT_H_
