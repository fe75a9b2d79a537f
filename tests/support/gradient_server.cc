#include "tests/support/gradient_server.h"

#include <chrono>
#include <cstring>
#include <optional>
#include <utility>

#include "common/check.h"
#include "common/rpc/address.h"
#include "tests/learner/peers.h"
#include "tests/support/socket.h"

namespace drover {
namespace {

constexpr int64_t kMaxPolicyLag = 8;
constexpr uint64_t kMaxFrames = 1000000000;
constexpr std::chrono::milliseconds kPatience{10};

}  // namespace

GradientServer::GradientServer(const PushValidator::Options& form, std::vector<float> weights)
    : form_(form), address_(NewSocketAddress()), weights_(std::move(weights)) {
  admission_.Update(testing::MembersAt(1));
}

GradientServer::~GradientServer() { Kill(); }

void GradientServer::Serve(uint64_t version, const ReceivedTotals& totals) {
  receiver_ = std::make_unique<GradientReceiver>(&admission_);
  receiver_->Open({form_, 1, kMaxPolicyLag, kMaxFrames}, totals, &episodes_);
  {
    MutexLock lock(&mutex_);
    over_ = false;
    version_ = version;
    receiver_->SetWeights(version_, 0, Bytes());
  }
  auto server = RpcServer::Start({{address_}}, {receiver_.get()});
  DROVER_CHECK(server.ok()) << server.status();
  server_ = *std::move(server);
  applying_ = std::thread([this] { Apply(); });
}

void GradientServer::Kill() {
  if (server_ == nullptr) return;
  {
    MutexLock lock(&mutex_);
    over_ = true;
  }
  changed_.NotifyAll();
  applying_.join();
  receiver_->Close();
  server_.reset();
}

Endpoint GradientServer::endpoint() const { return LocalEndpoint({address_}); }

void GradientServer::Hold(bool hold) {
  MutexLock lock(&mutex_);
  hold_ = hold;
  changed_.NotifyAll();
  while (hold && !holding_) changed_.Wait(&mutex_);
}

std::vector<float> GradientServer::weights() const {
  MutexLock lock(&mutex_);
  return weights_;
}

std::string GradientServer::Bytes() const {
  return {reinterpret_cast<const char*>(weights_.data()), weights_.size() * sizeof(float)};
}

void GradientServer::Apply() {
  MutexLock lock(&mutex_);
  while (!over_) {
    holding_ = hold_;
    if (holding_) {
      changed_.NotifyAll();
      changed_.Wait(&mutex_);
      continue;
    }
    mutex_.Unlock();
    const std::optional<ReceivedGradient> gradient =
        receiver_->Next(GradientReceiver::Clock::now() + kPatience);
    mutex_.Lock();
    if (!gradient) continue;
    for (size_t i = 0; i < weights_.size(); ++i) {
      float value;
      std::memcpy(&value, &gradient->values[i * sizeof(value)], sizeof(value));
      weights_[i] -= value;
    }
    ++version_;
    receiver_->SetWeights(version_, version_ * form_.message_frames, Bytes());
    receiver_->Answer();
  }
}

}  // namespace drover
