#include "client/pulse.h"

#include <algorithm>
#include <utility>

namespace drover {

Pulse::Pulse(const PulseLimits& limits, std::function<void()> beat, std::function<void()> give_up)
    : limits_(limits), beat_(std::move(beat)), give_up_(std::move(give_up)) {
  Sent();
  Received();
  thread_ = std::thread([this] { Run(); });
}

Pulse::~Pulse() {
  {
    MutexLock lock(&mutex_);
    over_ = true;
  }
  changed_.NotifyAll();
  thread_.join();
}

void Pulse::Run() {
  while (true) {
    const Clock::time_point beat_due =
        beat_ ? Load(last_sent_) + limits_.heartbeat : Clock::time_point::max();
    const Clock::time_point silence_due = Load(last_received_) + limits_.silence;
    if (!WaitUntil(std::min(beat_due, silence_due))) return;
    const Clock::time_point now = Clock::now();
    if (now >= Load(last_received_) + limits_.silence) break;
    if (beat_ && now >= Load(last_sent_) + limits_.heartbeat) {
      beat_();
      Sent();
    }
  }
  give_up_();
}

bool Pulse::WaitUntil(Clock::time_point due) {
  MutexLock lock(&mutex_);
  while (!over_ && Clock::now() < due) changed_.WaitUntil(&mutex_, due);
  return !over_;
}

}  // namespace drover
