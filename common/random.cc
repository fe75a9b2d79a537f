#include "common/random.h"

#include <cmath>

#include "common/check.h"

namespace drover {
namespace {

constexpr uint64_t kGoldenRatio = 0x9e3779b97f4a7c15;  // 2^64 / φ
constexpr uint64_t kSilverRatio = 0x6a09e667f3bcc909;  // 2^64 * (√2 - 1)

// The finalizer of MurmurHash3: unlike Mix, so that position and stride are independent.
uint64_t MixStride(uint64_t z) {
  z = (z ^ (z >> 33)) * 0xff51afd7ed558ccd;
  z = (z ^ (z >> 33)) * 0xc4ceb9fe1a85ec53;
  return z ^ (z >> 33);
}

// An odd stride whose bits change often enough to move every bit of the position.
uint64_t ToStride(uint64_t z) {
  z |= 1;
  const int changes = __builtin_popcountll(z ^ (z >> 1));
  return changes < 24 ? z ^ 0xaaaaaaaaaaaaaaaa : z;
}

}  // namespace

// Position and stride are two hashes of the key: a collision needs both, 127 bits.
Random::Random(std::initializer_list<uint64_t> key) : state_{kGoldenRatio, kSilverRatio} {
  for (const uint64_t part : key) {
    state_.position = Mix(state_.position + kGoldenRatio + part);
    state_.stride = MixStride(state_.stride + kSilverRatio + part);
  }
  state_.stride = ToStride(state_.stride);
}

// Lemire, "Fast Random Integer Generation in an Interval" (2019).
uint64_t Random::Below(uint64_t n) {
  DROVER_CHECK(n > 0);
  __uint128_t product = static_cast<__uint128_t>(Next()) * n;
  if (static_cast<uint64_t>(product) < n) {
    const uint64_t surplus = -n % n;  // 2^64 mod n: as many low parts would favour some results
    while (static_cast<uint64_t>(product) < surplus) {
      product = static_cast<__uint128_t>(Next()) * n;
    }
  }
  return static_cast<uint64_t>(product >> 64);
}

// Marsaglia's polar method. Its second number is dropped: keeping it would be more state.
double Random::Normal() {
  for (;;) {
    const double x = Uniform(-1, 1);
    const double y = Uniform(-1, 1);
    const double square = x * x + y * y;
    if (square > 0 && square < 1) return x * std::sqrt(-2 * std::log(square) / square);
  }
}

}  // namespace drover
