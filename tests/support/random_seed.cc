// LibTorch's own random numbers begin elsewhere in each process, and a test that failed once would
// pass again. cc_test.bzl links this into GoogleTest's tests with LibTorch: each begins with the
// same numbers, or with others by --gtest_random_seed=N.

#include <ATen/Context.h>
#include <gtest/gtest.h>

#include <cstdint>

namespace drover {
namespace {

class RandomSeed : public ::testing::EmptyTestEventListener {
  void OnTestStart(const ::testing::TestInfo& /*test*/) override {
    at::manual_seed(1 + static_cast<uint64_t>(GTEST_FLAG_GET(random_seed)));
  }
};

const bool kAppended = [] {
  ::testing::UnitTest::GetInstance()->listeners().Append(new RandomSeed);  // which it then owns
  return true;
}();

}  // namespace
}  // namespace drover
