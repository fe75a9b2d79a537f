#ifndef DROVER_COMMON_RPC_CONNECTION_LIMITER_H_
#define DROVER_COMMON_RPC_CONNECTION_LIMITER_H_

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

namespace drover {

// How fast one address may connect: a bucket of `burst` connections each, filled again at
// `per_second`. Knows 4,096 addresses at once; the others then share a bucket. Not thread-safe;
// time is passed in and must not go back.
class ConnectionLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr size_t kMostAddresses = 4096;

  ConnectionLimiter(double burst, double per_second) : burst_(burst), per_second_(per_second) {}

  // Whether another connection from there is let in now.
  bool Admit(const std::string& address, Time now);

 private:
  struct Bucket {
    double left = 0;
    Time filled;
  };

  Bucket* BucketOf(const std::string& address, Time now);
  double Left(const Bucket& bucket, Time now) const;

  const double burst_;
  const double per_second_;
  std::map<std::string, Bucket> buckets_;  // a full one is as good as none
  Time swept_;
};

}  // namespace drover

#endif  // DROVER_COMMON_RPC_CONNECTION_LIMITER_H_
