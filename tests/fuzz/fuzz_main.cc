// A fuzz target under libFuzzer, which has the main. It runs for 15 s unless told otherwise; seeds
// go into a directory of their own, after whatever corpus the command line names.

#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "common/check.h"
#include "common/file.h"
#include "tests/fuzz/fuzz_target.h"

namespace {

std::string WriteSeeds() {
  static const auto directory = drover::TempDirectory::Make();
  DROVER_CHECK(directory.ok()) << directory.status();
  const std::vector<std::string> seeds = drover::fuzz::Seeds();
  for (size_t i = 0; i < seeds.size(); ++i) {
    // A seed that is refused leads nowhere.
    DROVER_CHECK(drover::fuzz::Run(seeds[i])) << "seed " << i << " is not valid";
    std::ofstream(directory->path() + "/seed" + std::to_string(i), std::ios::binary) << seeds[i];
  }
  return directory->path();
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv) {
  spdlog::set_level(spdlog::level::off);
  google::protobuf::SetLogHandler(nullptr);
  static std::vector<std::string> words(*argv, *argv + *argc);
  // An input by name is run once, without others.
  const bool replay = *argc > 1 && std::filesystem::is_regular_file(words.back());
  // First, so that the command line's have the last word.
  std::vector<std::string> defaults = {
      "-max_total_time=15",    //
      "-entropic=0",           // its bookkeeping takes most of a short run
      "-len_control=100",      // short inputs first: they are fast
      "-timeout=10",           //
      "-print_final_stats=1",  //
  };
  if (const char* outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR")) {
    defaults.push_back(std::string("-artifact_prefix=") + outputs + "/");
  }
  words.insert(words.begin() + 1, defaults.begin(), defaults.end());
  if (!replay) words.push_back(WriteSeeds());
  static std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  *argc = static_cast<int>(words.size());
  *argv = pointers.data();
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  drover::fuzz::Run({reinterpret_cast<const char*>(data), size});
  return 0;
}

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t most);

// A third each: libFuzzer's own mutations, the target's, and the target's of a seed: a short run
// should look closely at what is next to valid.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t most, unsigned seed) {
  static const std::vector<std::string> seeds = drover::fuzz::Seeds();
  drover::fuzz::Random random(seed);
  const auto way = random() % 3;
  if (way == 0) return LLVMFuzzerMutate(data, size, most);
  std::string input(reinterpret_cast<const char*>(data), size);
  if (way == 1) input = seeds[random() % seeds.size()];
  std::string mutated = drover::fuzz::Mutate(input, &random);
  mutated.resize(std::clamp<size_t>(mutated.size(), 1, most));
  std::copy(mutated.begin(), mutated.end(), data);
  return mutated.size();
}
