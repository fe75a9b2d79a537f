#include "learner/learner_services.h"

#include "common/status_macros.h"

namespace drover {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTick{100};

}  // namespace

absl::StatusOr<std::unique_ptr<LearnerServices>> LearnerServices::Start(
    const ServerOptions& options) {
  std::unique_ptr<LearnerServices> services(new LearnerServices);
  DROVER_ASSIGN_OR_RETURN(services->server_,
                          RpcServer::Start(options, {&services->receiver_, &services->gradients_,
                                                     &services->publisher_}));
  services->ticking_ = std::thread([services = services.get()] { services->Tick(); });
  return services;
}

LearnerServices::~LearnerServices() { Shutdown(std::chrono::milliseconds(0)); }

void LearnerServices::SetTable(const MemberTable& table) {
  actors_.Update(table);
  players_.Update(table);
  receiver_.Tick(Clock::now());
  publisher_.Tick(Clock::now());
}

void LearnerServices::Tick() {
  MutexLock lock(&mutex_);
  while (!over_) {
    changed_.WaitUntil(&mutex_, Clock::now() + kTick);
    receiver_.Tick(Clock::now());
    publisher_.Tick(Clock::now());
  }
}

void LearnerServices::Shutdown(std::chrono::milliseconds grace) {
  if (server_ != nullptr) {
    const Clock::time_point deadline = Clock::now() + grace;
    while (receiver_.counters().streams > 0 && Clock::now() < deadline) {
      std::this_thread::sleep_for(kTick / 10);
    }
    receiver_.Close();
    gradients_.Close();
    publisher_.Close();
    server_->Shutdown(kTick);
  }
  {
    MutexLock lock(&mutex_);
    over_ = true;
    changed_.NotifyAll();
  }
  if (ticking_.joinable()) ticking_.join();
}

}  // namespace drover
