#include "common/rpc/connection_limiter.h"

#include <algorithm>

namespace drover {
namespace {

constexpr std::chrono::seconds kSweep{1};

}  // namespace

bool ConnectionLimiter::Admit(const std::string& address, Time now) {
  Bucket* const bucket = BucketOf(address, now);
  bucket->left = Left(*bucket, now);
  bucket->filled = now;
  if (bucket->left < 1) return false;
  bucket->left -= 1;
  return true;
}

ConnectionLimiter::Bucket* ConnectionLimiter::BucketOf(const std::string& address, Time now) {
  const auto found = buckets_.find(address);
  if (found != buckets_.end()) return &found->second;
  if (buckets_.size() >= kMostAddresses && now - swept_ >= kSweep) {
    swept_ = now;
    for (auto it = buckets_.begin(); it != buckets_.end();) {
      it = Left(it->second, now) >= burst_ ? buckets_.erase(it) : std::next(it);
    }
  }
  const std::string key = buckets_.size() < kMostAddresses ? address : "";
  return &buckets_.try_emplace(key, Bucket{burst_, now}).first->second;
}

double ConnectionLimiter::Left(const Bucket& bucket, Time now) const {
  const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
  return std::min(burst_, bucket.left + per_second_ * seconds);
}

}  // namespace drover
