#include "learner/batch_assembler.h"

#include <algorithm>
#include <utility>

namespace drover {

BatchAssembler::BatchAssembler(Options options, UnrollQueue* queue)
    : options_(std::move(options)), queue_(queue) {
  for (size_t i = 0; i < empty_.capacity(); ++i) {
    empty_.Push(std::make_unique<BatchBuffer>(&options_.layout));
  }
  thread_ = std::thread([this] { Run(); });
}

BatchAssembler::~BatchAssembler() {
  queue_->Close();
  empty_.Close();
  thread_.join();
}

BatchBuffer* BatchAssembler::Next(Clock::time_point deadline) {
  if (lent_) empty_.Push(std::move(lent_));
  auto next = filled_.Pop(deadline);
  lent_ = next ? *std::move(next) : nullptr;
  return lent_.get();
}

void BatchAssembler::Run() {
  for (uint64_t version = options_.first_version;; ++version) {
    BeginWait(&learner_wait_);
    auto buffer = empty_.Pop();
    EndWait(&learner_wait_);
    if (!buffer) break;
    if (!Fill(buffer->get(), version)) break;
    {
      MutexLock lock(&mutex_);
      ++counters_.batches;
    }
    filled_.Push(*std::move(buffer));
  }
  filled_.Close();
}

bool BatchAssembler::Fill(BatchBuffer* buffer, uint64_t version) {
  if (!message_ && !TakeMessage()) return false;
  buffer->Clear(version, static_cast<size_t>(batch_));
  while (buffer->room() > 0) {
    if (!message_ && !TakeMessage()) return false;
    const auto begin = Clock::now();
    const int64_t left = options_.message_unrolls - next_column_;
    int64_t count = left;
    // The first run acted with the oldest version.
    const uint64_t oldest = message_->versions(0).version();
    if (buffer->version() - oldest > static_cast<uint64_t>(options_.max_policy_lag)) {
      if (options_.on_drop) options_.on_drop(left);
      MutexLock lock(&mutex_);
      counters_.dropped_unrolls += static_cast<uint64_t>(left);
    } else {
      count = std::min(left, static_cast<int64_t>(buffer->room()));
      buffer->Add(*message_, options_.message_unrolls, next_column_, count);
    }
    next_column_ += count;
    if (next_column_ == options_.message_unrolls) message_.reset();
    MutexLock lock(&mutex_);
    counters_.assembling += std::chrono::duration<double>(Clock::now() - begin).count();
  }
  return true;
}

bool BatchAssembler::TakeMessage() {
  BeginWait(&unrolls_wait_);
  auto message = queue_->Pop();
  EndWait(&unrolls_wait_);
  if (!message) return false;
  message_ = std::move(message->message);
  batch_ = message->batch;
  next_column_ = 0;
  return true;
}

void BatchAssembler::BeginWait(WaitMeter* meter) {
  MutexLock lock(&mutex_);
  meter->Begin(Clock::now());
}

void BatchAssembler::EndWait(WaitMeter* meter) {
  MutexLock lock(&mutex_);
  meter->End(Clock::now());
}

AssemblerCounters BatchAssembler::counters() const {
  MutexLock lock(&mutex_);
  AssemblerCounters counters = counters_;
  const Clock::time_point now = Clock::now();
  counters.waiting_for_unrolls = unrolls_wait_.TotalSeconds(now);
  counters.waiting_for_learner = learner_wait_.TotalSeconds(now);
  counters.unrolls_wait_current = unrolls_wait_.CurrentSeconds(now);
  counters.learner_wait_current = learner_wait_.CurrentSeconds(now);
  return counters;
}

}  // namespace drover
