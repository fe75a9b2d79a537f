#ifndef DROVER_TESTS_ENV_RECORDED_H_
#define DROVER_TESTS_ENV_RECORDED_H_

#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "env/spec.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

// Episodes that the record_*.py beside this file took from the original environments.
namespace drover {

inline nlohmann::json ReadRecorded(const std::string& file) {
  std::ifstream stream("tests/env/" + file);
  EXPECT_TRUE(stream.good()) << file;
  return nlohmann::json::parse(stream);
}

// The recorded space; null stands for infinity.
inline Space RecordedSpace(const nlohmann::json& space) {
  if (space.at("kind") == "discrete") return Space::Discrete(space.at("n").get<int32_t>());
  const auto bounds = [&space](const char* name, float infinity) {
    std::vector<float> values;
    for (const auto& bound : space.at(name)) {
      values.push_back(bound.is_null() ? infinity : bound.get<float>());
    }
    return values;
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return Space::Box(space.at("shape").get<std::vector<int64_t>>(), bounds("low", -kInfinity),
                    bounds("high", kInfinity));
}

inline void ExpectSameSpace(const Space& actual, const Space& expected) {
  EXPECT_EQ(actual.kind, expected.kind);
  EXPECT_EQ(actual.shape, expected.shape);
  EXPECT_EQ(actual.low, expected.low);
  EXPECT_EQ(actual.high, expected.high);
  EXPECT_EQ(actual.n, expected.n);
}

}  // namespace drover

#endif  // DROVER_TESTS_ENV_RECORDED_H_
