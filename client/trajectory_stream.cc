#include "client/trajectory_stream.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "client/stream_status.h"
#include "common/status_macros.h"
#include "spdlog/spdlog.h"

namespace drover {

TrajectoryStream::TrajectoryStream(Options options)
    : options_(std::move(options)),
      reconnector_(
          "trajectory stream", options_.learner,
          [this](const Endpoint& server, const std::function<void()>& works) {
            return Serve(server, works);
          },
          [this](const absl::Status& status) { End(status); }) {}

TrajectoryStream::~TrajectoryStream() { Stop(); }

void TrajectoryStream::Stop() {
  reconnector_.RequestStop();
  End(absl::CancelledError("the trajectory stream was stopped"));
  reconnector_.Stop();
}

void TrajectoryStream::End(const absl::Status& status) {
  {
    MutexLock lock(&mutex_);
    if (status_.ok()) status_ = status;
    if (stream_ != nullptr) stream_->Cancel();
    over_.store(true, std::memory_order_relaxed);
  }
  changed_.NotifyAll();
}

absl::StatusOr<uint64_t> TrajectoryStream::WaitForWelcome(Clock::time_point deadline) {
  MutexLock lock(&mutex_);
  while (status_.ok() && counters_.connections == 0) {
    if (!changed_.WaitUntil(&mutex_, deadline)) break;
  }
  if (!status_.ok()) return status_;
  if (counters_.connections == 0) return absl::DeadlineExceededError("no learner yet");
  return first_sequence_;
}

absl::Status TrajectoryStream::AcquireCredits(Clock::time_point deadline, Terms* terms) {
  MutexLock lock(&mutex_);
  while (status_.ok() && credits_ < options_.environments) {
    // Who comes back after a deadline goes on waiting.
    if (!std::exchange(waits_for_credits_, true)) credit_waits_.Begin(Clock::now());
    if (!changed_.WaitUntil(&mutex_, deadline)) break;
  }
  if (status_.ok() && credits_ < options_.environments) {
    return absl::DeadlineExceededError("no credits yet");
  }
  if (std::exchange(waits_for_credits_, false)) credit_waits_.End(Clock::now());
  if (!status_.ok()) return status_;
  credits_ -= options_.environments;
  held_connection_ = counters_.connections;
  if (terms != nullptr) {
    if (terms->connection != held_connection_) terms->state = state_;
    terms->connection = held_connection_;
    terms->version = version_;
  }
  return absl::OkStatus();
}

bool TrajectoryStream::Holds(uint64_t connection) const {
  MutexLock lock(&mutex_);
  return welcomed_ && connection == counters_.connections;
}

absl::Status TrajectoryStream::Send(Unrolls* unrolls) {
  std::shared_ptr<Stream> stream;
  {
    MutexLock lock(&mutex_);
    if (!status_.ok()) return status_;
    if (!welcomed_ || held_connection_ != counters_.connections) {
      ++counters_.lost;
      return absl::AbortedError("the connection that granted the credits is gone");
    }
    stream = stream_;
    unrolls->set_sequence(++last_sequence_);
  }
  outgoing_.mutable_unrolls()->Swap(unrolls);  // pointers only
  const bool written = stream->Write(outgoing_);
  outgoing_.mutable_unrolls()->Swap(unrolls);
  MutexLock lock(&mutex_);
  ++(written ? counters_.sent : counters_.lost);
  if (written) return absl::OkStatus();
  return status_.ok() ? absl::AbortedError("the connection to the learner broke") : status_;
}

TrajectoryStream::Counters TrajectoryStream::counters() const {
  MutexLock lock(&mutex_);
  Counters counters = counters_;
  counters.credit_wait_seconds = credit_waits_.TotalSeconds(Clock::now());
  counters.credit_wait_current = credit_waits_.CurrentSeconds(Clock::now());
  return counters;
}

absl::Status TrajectoryStream::Serve(const Endpoint& server, const std::function<void()>& works) {
  DROVER_ASSIGN_OR_RETURN(const std::shared_ptr<grpc::Channel> channel, OpenBulkChannel(server));
  const std::unique_ptr<TrajectoryService::Stub> stub = TrajectoryService::NewStub(channel);
  ActorMessage heartbeat;
  heartbeat.mutable_heartbeat();
  const auto stream = std::make_shared<Stream>(
      [&stub](grpc::ClientContext* context) { return stub->Stream(context); }, heartbeat,
      options_.limits);
  {
    MutexLock lock(&mutex_);
    if (!status_.ok()) return absl::OkStatus();
    stream_ = stream;
  }
  SayHello(stream.get());
  absl::Status status = Listen(stream.get(), works);
  if (!status.ok()) stream->Cancel();
  const absl::Status last_word = StreamStatus(stream->Finish());
  if (status.ok()) status = last_word;
  MutexLock lock(&mutex_);
  stream_.reset();
  welcomed_ = false;
  credits_ = 0;
  return status_.ok() ? status : absl::OkStatus();  // drained or stopped: done
}

void TrajectoryStream::SayHello(Stream* stream) {
  const Identity identity = options_.identity();
  ActorMessage message;
  Hello* hello = message.mutable_hello();
  hello->set_run_id(identity.run_id);
  hello->set_member_id(identity.member_id);
  hello->set_epoch(identity.epoch);
  hello->set_table_version(identity.table_version);
  hello->set_spec_hash(options_.spec_hash);
  hello->set_environments(options_.environments);
  stream->Write(message);  // if it fails, so does the first Read
}

absl::Status TrajectoryStream::Listen(Stream* stream, const std::function<void()>& works) {
  LearnerMessage message;
  if (!stream->Read(&message)) return absl::OkStatus();
  if (!message.has_welcome())
    return absl::UnavailableError("the learner did not begin with Welcome");
  Welcomed(message.welcome());
  works();
  while (stream->Read(&message)) DROVER_RETURN_IF_ERROR(Handle(message));
  return absl::OkStatus();
}

void TrajectoryStream::Welcomed(const Welcome& welcome) {
  {
    MutexLock lock(&mutex_);
    if (counters_.connections == 0) first_sequence_ = welcome.last_sequence();
    last_sequence_ = std::max(last_sequence_, welcome.last_sequence());
    state_ = welcome.state();
    ++counters_.connections;
    welcomed_ = true;
  }
  changed_.NotifyAll();
}

absl::Status TrajectoryStream::Handle(const LearnerMessage& message) {
  switch (message.message_case()) {
    case LearnerMessage::kCredit: {
      MutexLock lock(&mutex_);
      credits_ += message.credit().unrolls();
      version_ = message.credit().version();
      counters_.granted += message.credit().unrolls();
      break;
    }
    case LearnerMessage::kRejected: {
      spdlog::warn("the learner rejected unroll {}: {}", message.rejected().sequence(),
                   message.rejected().reason());
      MutexLock lock(&mutex_);
      ++counters_.rejected;
      break;
    }
    case LearnerMessage::kDrain:
      End(absl::CancelledError("the run drains"));
      break;
    case LearnerMessage::kHeartbeat:
      break;
    case LearnerMessage::kWelcome:
    case LearnerMessage::MESSAGE_NOT_SET:
      return absl::UnavailableError("the learner sent what it may not send");
  }
  changed_.NotifyAll();
  return absl::OkStatus();
}

}  // namespace drover
