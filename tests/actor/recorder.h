#ifndef DROVER_TESTS_ACTOR_RECORDER_H_
#define DROVER_TESTS_ACTOR_RECORDER_H_

#include <cstring>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "actor/transport.h"

namespace drover {

// Keeps the unrolls it is given, and wants so many of them.
class Recorder final : public Transport {
 public:
  explicit Recorder(size_t wanted) : wanted_(wanted) {}

  absl::Status AcquireCredits(Time) override {
    if (on_acquire) on_acquire();
    if (attempts_ == wanted_) return absl::CancelledError("enough");
    return failure;
  }

  absl::Status Send(Unrolls* unrolls) override {
    ++attempts_;
    absl::Status status = on_send ? on_send(attempts_) : absl::OkStatus();
    if (status.ok()) sent.push_back(*unrolls);
    return status;
  }

  bool over() const override { return !failure.ok(); }

  std::vector<Unrolls> sent;
  absl::Status failure;  // not OK: it is over
  std::function<void()> on_acquire;
  std::function<absl::Status(size_t attempt)> on_send;  // counts from 1

 private:
  const size_t wanted_;
  size_t attempts_ = 0;
};

// A column as numbers.
template <typename T>
std::vector<T> Column(const Unrolls& unrolls, int index) {
  const std::string& bytes = unrolls.columns(index);
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(T));
  return values;
}

// Where MakeSpec puts the leaves.
enum Leaves { kObservation, kAction, kLogProb, kReward, kEnd, kFinalObservation, kState };

}  // namespace drover

#endif  // DROVER_TESTS_ACTOR_RECORDER_H_
