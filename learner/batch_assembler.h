#ifndef DROVER_LEARNER_BATCH_ASSEMBLER_H_
#define DROVER_LEARNER_BATCH_ASSEMBLER_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "common/batch_buffer.h"
#include "common/mutex.h"
#include "common/queue.h"
#include "common/unroll_layout.h"
#include "common/wait_meter.h"
#include "learner/unroll.h"

namespace drover {

struct AssemblerCounters {
  uint64_t batches = 0;
  uint64_t dropped_unrolls = 0;  // older than max_policy_lag
  // Where its thread's time went, in seconds:
  double assembling = 0;
  double waiting_for_unrolls = 0;
  double waiting_for_learner = 0;  // both buffers are full or in use
  // And for how long it has been waiting now; 0: it is not.
  double unrolls_wait_current = 0;
  double learner_wait_current = 0;
};

// Makes batches of received unrolls, in the order of their arrival, on a
// thread of its own: while the learner trains on one buffer, the other fills.
//
// Each batch makes one version, so it is known at which version a batch will
// be trained; unrolls that will then be older than max_policy_lag are dropped.
class BatchAssembler {
 public:
  using Clock = std::chrono::steady_clock;

  struct Options {
    UnrollLayout layout;
    int64_t message_unrolls = 0;  // E
    int64_t max_policy_lag = 0;
    uint64_t first_version = 0;  // that the learner has: the first batch is trained at it
    // Told of each drop, on the assembler's thread. May be empty.
    std::function<void(int64_t unrolls)> on_drop;
  };

  // Starts. `queue` outlives it.
  BatchAssembler(Options options, UnrollQueue* queue);
  ~BatchAssembler();  // closes the queue and waits for the thread
  BatchAssembler(const BatchAssembler&) = delete;
  BatchAssembler& operator=(const BatchAssembler&) = delete;

  // The next batch; it is the caller's until the next call. Null: none by the
  // deadline, or, where finished(), the queue was closed and too little is
  // left for a batch. One thread.
  BatchBuffer* Next(Clock::time_point deadline);
  bool finished() const { return filled_.closed() && filled_.size() == 0; }

  AssemblerCounters counters() const DROVER_EXCLUDES(mutex_);

 private:
  void Run();
  bool Fill(BatchBuffer* buffer, uint64_t version);  // false: the queue ended
  bool TakeMessage();
  // Meters are guarded by mutex_.
  void BeginWait(WaitMeter* meter) DROVER_EXCLUDES(mutex_);
  void EndWait(WaitMeter* meter) DROVER_EXCLUDES(mutex_);

  const Options options_;
  UnrollQueue* const queue_;
  Queue<std::unique_ptr<BatchBuffer>> empty_{2};
  Queue<std::unique_ptr<BatchBuffer>> filled_{2};
  std::unique_ptr<BatchBuffer> lent_;  // of the learner's thread

  // Of the assembler's thread: what is being taken apart.
  std::unique_ptr<Unrolls> message_;
  int64_t batch_ = 0;  // of which it is
  int64_t next_column_ = 0;

  mutable Mutex mutex_;
  AssemblerCounters counters_ DROVER_GUARDED_BY(mutex_);
  WaitMeter unrolls_wait_;
  WaitMeter learner_wait_;

  std::thread thread_;  // last: it uses all of the above
};

}  // namespace drover

#endif  // DROVER_LEARNER_BATCH_ASSEMBLER_H_
