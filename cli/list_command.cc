#include "cli/list_command.h"

#include <iostream>
#include <map>
#include <memory>

#include "agent/algorithms/table.h"
#include "cli/configs.h"
#include "common/near_match.h"
#include "env/registry.h"

namespace drover {
namespace {

struct Flags {
  std::string what;
  bool details = false;
};

int ListAlgorithms(bool details) {
  for (const Algorithm& algorithm : Algorithms()) {
    std::cout << algorithm.name;
    if (details) {
      std::cout << ": " << algorithm.summary << "; runs on";
      for (const Topology::Kind topology : algorithm.topologies) {
        std::cout << " " << Topology::Kind_Name(topology);
      }
    }
    std::cout << "\n";
  }
  return kExitOk;
}

int Print(const std::vector<std::string>& names) {
  for (const std::string& name : names) std::cout << name << "\n";
  return kExitOk;
}

int RunList(const Flags& flags) {
  if (flags.what == "algorithms") return ListAlgorithms(flags.details);
  if (flags.what == "environments") return Print(ListEnvironments());
  if (flags.what == "configs") return Print(ListConfigs());
  return Fail(absl::InvalidArgumentError(
                  UnknownName("list", flags.what, {"algorithms", "environments", "configs"})),
              kExitBadInput);
}

}  // namespace

Command AddList(CLI::App* app) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = AddCommand(app, "list", "algorithms, environments or configs");
  AddOption(command, "what", flags->what, "algorithms, environments or configs")
      .Required()
      .TypeName("WHAT");
  AddFlag(command, "--details", flags->details, "of algorithms: what they are, where they run");
  return {command, [flags] { return RunList(*flags); }};
}

}  // namespace drover
