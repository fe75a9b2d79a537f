#include "cli/topology_option.h"

#include <vector>

#include "bench/throughput_cases.h"

namespace drover {

Option AddTopology(CLI::App* command, const std::string& description, std::string* topology) {
  std::vector<std::string> names;
  for (const ThroughputCases& cases : AllThroughputCases()) names.push_back(cases.topology);
  return AddOption(command, "--topology", *topology, description).OneOf(names);
}

}  // namespace drover
