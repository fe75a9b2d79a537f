// LibTorch's own random numbers begin elsewhere in each process, and a test that failed once would
// pass again. Linked into each test that links LibTorch (cc_test.bzl): numbers are the same before
// each test, and others with --gtest_random_seed=N.

#include <ATen/Context.h>
#include <gtest/gtest.h>

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
