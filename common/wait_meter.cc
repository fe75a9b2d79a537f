#include "common/wait_meter.h"

#include "common/check.h"

namespace drover {
namespace {

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

void WaitMeter::Begin(Time now) {
  if (waiting_++ == 0) since_ = now;
}

void WaitMeter::End(Time now) {
  DROVER_CHECK(waiting_ > 0);
  if (--waiting_ == 0) finished_ += now - since_;
}

double WaitMeter::TotalSeconds(Time now) const { return Seconds(finished_) + CurrentSeconds(now); }

double WaitMeter::CurrentSeconds(Time now) const {
  return waiting_ > 0 ? Seconds(now - since_) : 0;
}

}  // namespace drover
