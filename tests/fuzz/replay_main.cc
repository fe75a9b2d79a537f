// A fuzz target without a fuzzer: each seed must be valid, and each of its beginnings survived.

#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>

#include "common/check.h"
#include "tests/fuzz/fuzz_target.h"

int main() {
  spdlog::set_level(spdlog::level::off);
  google::protobuf::SetLogHandler(nullptr);
  for (const std::string& seed : drover::fuzz::Seeds()) {
    DROVER_CHECK(drover::fuzz::Run(seed)) << "a seed that is not valid";
    for (size_t size = 0; size < seed.size(); size += 1 + size / 64) {
      drover::fuzz::Run(absl::string_view(seed).substr(0, size));
    }
  }
}
