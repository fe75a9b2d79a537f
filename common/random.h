#ifndef DROVER_COMMON_RANDOM_H_
#define DROVER_COMMON_RANDOM_H_

#include <cstdint>
#include <initializer_list>

namespace drover {

// Random numbers that depend on a key and on nothing else: not on the platform, the standard
// library or the order in which others draw. (Normal() alone depends on the last bit of the
// platform's log.)
//
//   Random random({seed, actor, environment, restart});
//
// Keys that differ in any integer, in their order or in their length give unrelated sequences, so
// that no two environments of a run, and no two lives of one actor, see the same episodes.
//
// It is SplitMix64 with a stride of its own for each key: Steele, Lea and Flood, "Fast Splittable
// Pseudorandom Number Generators" (2014). The n-th number is a hash of position + n * stride: a
// number costs about a nanosecond and the period is 2^64. Not for cryptography.
//
// Not thread-safe: one owner. A copy repeats the original's numbers; Fork() makes a new sequence.
class Random {
 public:
  // All there is to save: a Random made from it draws the same numbers.
  struct State {
    uint64_t position;
    uint64_t stride;  // odd
  };

  explicit Random(std::initializer_list<uint64_t> key);
  explicit Random(const State& state) : state_(state) {}

  const State& state() const { return state_; }

  // Uniform over all 64-bit integers.
  uint64_t Next() { return Mix(state_.position += state_.stride); }

  // Uniform over the integers 0 … n-1, without bias; n > 0.
  uint64_t Below(uint64_t n);

  // Uniform in [0, 1): multiples of 2^-53 and of 2^-24.
  double Uniform() { return static_cast<double>(Next() >> 11) * 0x1p-53; }
  float UniformFloat() { return static_cast<float>(Next() >> 40) * 0x1p-24F; }

  // Uniform between low and high; both finite.
  double Uniform(double low, double high) { return low + (high - low) * Uniform(); }

  // Standard normal: mean 0, standard deviation 1.
  double Normal();

  // A sequence unrelated to what this one draws from now on.
  Random Fork() { return Random({Next(), Next()}); }

 private:
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  State state_;
};

}  // namespace drover

#endif  // DROVER_COMMON_RANDOM_H_
