#include "client/replay_writer.h"

#include <algorithm>
#include <utility>

#include "common/check.h"
#include "common/rpc/wire.h"
#include "spdlog/spdlog.h"

namespace drover {
namespace {

grpc::ByteBuffer HeartbeatBytes() {
  InsertMessage message;
  message.mutable_heartbeat();
  return EncodeMessage(message);
}

}  // namespace

ReplayWriter::ReplayWriter(Options options)
    : options_(std::move(options)),
      session_("/drover.ReplayService/Insert", HeartbeatBytes(), options_.limits),
      sender_([this] { SendLoop(); }),
      reconnector_(
          "insert stream", options_.server,
          [this](const Endpoint& server, const std::function<void()>& works) {
            return Serve(server, works);
          },
          [this](const absl::Status& status) { End(status); }) {
  DROVER_CHECK(options_.window > 0);
}

ReplayWriter::~ReplayWriter() { Stop(); }

void ReplayWriter::Stop() {
  reconnector_.RequestStop();
  End(absl::CancelledError("the insert stream was stopped"));
  reconnector_.Stop();
  if (sender_.joinable()) sender_.join();
}

void ReplayWriter::End(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
    over_.store(true, std::memory_order_relaxed);
  }
  session_.Cancel();
  changed_.NotifyAll();
}

// ---- What the actor calls.

absl::StatusOr<uint64_t> ReplayWriter::WaitForWelcome(Clock::time_point deadline) {
  MutexLock lock(&mutex_);
  while (status_.ok() && counters_.connections == 0) {
    if (!changed_.WaitUntil(&mutex_, deadline)) break;
  }
  if (!status_.ok()) return status_;
  if (counters_.connections == 0) return absl::DeadlineExceededError("no replay server yet");
  return first_sequence_;
}

absl::Status ReplayWriter::Insert(InsertRequest* request, Clock::time_point deadline) {
  {
    MutexLock lock(&mutex_);
    // Before the first Welcome nobody knows where the sequence goes on.
    const auto room = [this]() DROVER_REQUIRES(mutex_) {
      return counters_.connections > 0 && !drained_ && window_.size() < options_.window;
    };
    while (status_.ok() && !room()) {
      if (!std::exchange(waiting_, true)) waits_.Begin(Clock::now());
      if (!changed_.WaitUntil(&mutex_, deadline)) break;
    }
    if (status_.ok() && !room()) return absl::DeadlineExceededError("replay takes no more, yet");
    if (std::exchange(waiting_, false)) waits_.End(Clock::now());
    if (!status_.ok()) return status_;
    request->mutable_unrolls()->set_sequence(++last_sequence_);
  }
  InsertMessage message;
  message.unsafe_arena_set_allocated_insert(request);  // lent
  const grpc::ByteBuffer bytes = EncodeMessage(message);
  message.unsafe_arena_release_insert();
  {
    MutexLock lock(&mutex_);
    window_.push_back({request->unrolls().sequence(), bytes});
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

absl::Status ReplayWriter::Flush(Clock::time_point deadline) {
  MutexLock lock(&mutex_);
  while (status_.ok() && !window_.empty()) {
    if (!changed_.WaitUntil(&mutex_, deadline)) break;
  }
  if (window_.empty()) return absl::OkStatus();
  return status_.ok() ? absl::DeadlineExceededError("not all is acknowledged yet") : status_;
}

absl::Status ReplayWriter::status() const {
  MutexLock lock(&mutex_);
  return status_;
}

ReplayWriter::Counters ReplayWriter::counters() const {
  MutexLock lock(&mutex_);
  Counters counters = counters_;
  counters.wait_seconds = waits_.TotalSeconds(Clock::now());
  counters.wait_current = waits_.CurrentSeconds(Clock::now());
  return counters;
}

// ---- The sending thread.

ReplayWriter::Message* ReplayWriter::NextToSend() {
  if (welcomed_ == 0) return nullptr;
  const auto next = std::find_if(window_.begin(), window_.end(),
                                 [](const Message& message) { return !message.sent; });
  return next == window_.end() ? nullptr : &*next;
}

void ReplayWriter::SendLoop() {
  MutexLock lock(&mutex_);
  while (status_.ok()) {
    Message* next = NextToSend();
    if (next == nullptr) {
      changed_.Wait(&mutex_);
      continue;
    }
    ++counters_.sent;
    if (next->before) ++counters_.resent;
    next->sent = next->before = true;
    const grpc::ByteBuffer bytes = next->bytes;
    const uint64_t connection = welcomed_;
    mutex_.Unlock();
    session_.Write(connection, bytes);
    mutex_.Lock();
  }
}

// ---- The reconnector's thread.

grpc::ByteBuffer ReplayWriter::Hello() const {
  InsertMessage message;
  *message.mutable_hello() = HelloOf(options_.identity(), options_.spec_hash);
  message.mutable_hello()->set_environments(options_.environments);
  return EncodeMessage(message);
}

absl::Status ReplayWriter::Serve(const Endpoint& server, const std::function<void()>& works) {
  const absl::Status status = session_.Serve(
      server, Hello(), [&](grpc::ByteBuffer* bytes) { return Handle(bytes, works); });
  MutexLock lock(&mutex_);
  welcomed_ = 0;
  return status;
}

absl::Status ReplayWriter::Handle(grpc::ByteBuffer* bytes, const std::function<void()>& works) {
  InsertAnswer answer;
  bool first;
  {
    MutexLock lock(&mutex_);
    first = welcomed_ == 0;
  }
  if (!DecodeMessage(bytes, &answer) || answer.has_welcome() != first) {
    return absl::UnavailableError("replay sent what it may not send");
  }
  if (!first) return HandleAnswer(answer);
  Welcomed(answer.welcome());
  works();
  return absl::OkStatus();
}

void ReplayWriter::Welcomed(const InsertWelcome& welcome) {
  const uint64_t connection = session_.connection();
  {
    MutexLock lock(&mutex_);
    if (counters_.connections++ == 0) {
      first_sequence_ = welcome.last_sequence();
      last_sequence_ = std::max(last_sequence_, first_sequence_);
    }
    counters_.frames = welcome.frames();
    Acknowledge(welcome.last_sequence());
    for (Message& message : window_) message.sent = false;
    welcomed_ = connection;
    drained_ = false;
  }
  changed_.NotifyAll();
}

absl::Status ReplayWriter::HandleAnswer(const InsertAnswer& answer) {
  switch (answer.message_case()) {
    case InsertAnswer::kAck: {
      MutexLock lock(&mutex_);
      counters_.frames = answer.ack().frames();
      Acknowledge(answer.ack().sequence());
      break;
    }
    case InsertAnswer::kRejected: {
      spdlog::warn("replay rejected message {}: {}", answer.rejected().sequence(),
                   answer.rejected().reason());
      MutexLock lock(&mutex_);
      ++counters_.rejected;
      Acknowledge(answer.rejected().sequence());
      break;
    }
    case InsertAnswer::kDrain: {
      MutexLock lock(&mutex_);
      drained_ = true;
      break;
    }
    case InsertAnswer::kHeartbeat:
      break;
    case InsertAnswer::kWelcome:
    case InsertAnswer::MESSAGE_NOT_SET:
      return absl::UnavailableError("replay sent what it may not send");
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

void ReplayWriter::Acknowledge(uint64_t sequence) {
  while (!window_.empty() && window_.front().sequence <= sequence) {
    window_.pop_front();
    ++counters_.acknowledged;
  }
}

}  // namespace drover
