// What people write: a config file, and the changes of the command line after it, each behind a
// zero byte (common/text_proto.h, common/field_override.h).

#include <google/protobuf/text_format.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/check.h"
#include "common/field_override.h"
#include "common/file.h"
#include "common/text_proto.h"
#include "proto/experiment.pb.h"
#include "tests/fuzz/fuzz_target.h"

namespace drover::fuzz {
namespace {

// What a run directory's config.textproto is made of can be read again.
void CheckPrints(const Experiment& experiment) {
  std::string text;
  DROVER_CHECK(google::protobuf::TextFormat::PrintToString(experiment, &text));
  Experiment again;
  const auto locations = ParseTextProto("printed", text, &again);
  DROVER_CHECK(locations.ok()) << locations.status();
  std::string printed_again;
  google::protobuf::TextFormat::PrintToString(again, &printed_again);
  DROVER_CHECK(text == printed_again);
}

}  // namespace

bool Run(absl::string_view input) {
  const std::vector<std::string> parts = absl::StrSplit(input, '\0');
  Experiment experiment;
  auto locations = ParseTextProto("fuzz.textproto", parts[0], &experiment);
  if (!locations.ok()) {
    DROVER_CHECK(absl::StartsWith(locations.status().message(), "fuzz.textproto:"));
    return false;
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    const absl::Status status = SetOption(parts[i], &experiment, &*locations);
    if (!status.ok()) {
      DROVER_CHECK(absl::StartsWith(status.message(), "--set "));
      return false;
    }
  }
  CheckPrints(experiment);
  return true;
}

std::vector<std::string> Seeds() {
  std::vector<std::string> seeds;
  const auto names = ListDirectory("configs");
  DROVER_CHECK(names.ok()) << names.status();
  for (const std::string& name : *names) {
    if (!absl::EndsWith(name, ".textproto")) continue;
    seeds.push_back(*ReadFile("configs/" + name));
  }
  for (const char* option : {"actors.count=3", "model.layers=16,16", "topology=impala",
                             "update.rate={ value: 1e-3 }", "name=a \"b\"", "model.layers="}) {
    seeds.push_back(absl::StrCat("seed: 1\n", absl::string_view("\0", 1), option));
  }
  return seeds;
}

std::string Mutate(absl::string_view input, Random* random) { return MutateText(input, random); }

}  // namespace drover::fuzz
