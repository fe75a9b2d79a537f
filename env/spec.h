#ifndef DROVER_ENV_SPEC_H_
#define DROVER_ENV_SPEC_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

// What an environment is like from outside. Values: made once, then only read, from any thread.
namespace drover {

// The set of values that an observation or an action can take.
struct Space {
  enum class Kind {
    kBox,       // float32 numbers between bounds
    kDiscrete,  // one int32 of 0 … n-1
  };

  static Space Box(std::vector<int64_t> shape, std::vector<float> low, std::vector<float> high);
  static Space Box(std::vector<int64_t> shape, float low, float high);  // one bound for all
  static Space Discrete(int32_t n);

  // Numbers in one value: the product of shape; 1 for a discrete space.
  int64_t elements() const;
  bool discrete() const { return kind == Kind::kDiscrete; }

  Kind kind = Kind::kBox;
  std::vector<int64_t> shape;  // of one value, e.g. [4] or [10, 5]; [] for a discrete space
  std::vector<float> low;      // box: inclusive, one for each element, row-major; may be -infinity
  std::vector<float> high;     // box: as low; may be +infinity
  int32_t n = 0;               // discrete: how many values
};

// The ids, spaces, limits and thresholds of native environments are Gymnasium's.
struct EnvironmentSpec {
  std::string id;                          // e.g. "CartPole-v1"
  Space observation;                       // always a box: observations are float32
  Space action;                            // discrete: int32; box: float32
  int64_t max_episode_steps = 0;           // the episode is truncated after as many; 0: it is not
  std::optional<double> reward_threshold;  // mean undiscounted return that counts as solved
};

}  // namespace drover

#endif  // DROVER_ENV_SPEC_H_
