#include "common/allocator.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <cstdlib>

namespace drover {
namespace {

constexpr size_t kBlocks = 8;
constexpr size_t kBytes = 8 << 20;
constexpr size_t kPage = 4096;

// Page faults that come with using so many blocks of so many bytes.
int64_t Faults() {
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  std::array<void*, kBlocks> blocks{};
  for (void*& block : blocks) {
    block = std::malloc(kBytes);
    auto* const bytes = static_cast<volatile char*>(block);
    for (size_t i = 0; i < kBytes; i += kPage) bytes[i] = 1;
  }
  for (void* const block : blocks) std::free(block);
  rusage after{};
  getrusage(RUSAGE_SELF, &after);
  return after.ru_minflt - before.ru_minflt;
}

TEST(AllocatorTest, WhatIsFreedIsUsedAgain) {
  Faults();
  EXPECT_GT(Faults(), 1000) << "malloc keeps it by itself: this is no test";
  KeepFreedMemory();
  Faults();
  EXPECT_LT(Faults(), 100);
}

}  // namespace
}  // namespace drover
