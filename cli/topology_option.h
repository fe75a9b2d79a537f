#ifndef DROVER_CLI_TOPOLOGY_OPTION_H_
#define DROVER_CLI_TOPOLOGY_OPTION_H_

#include <string>

#include "cli/command_line.h"

namespace drover {

// Declares --topology, one of those that bench/throughput_cases.h has.
Option AddTopology(CLI::App* command, const std::string& description, std::string* topology);

}  // namespace drover

#endif  // DROVER_CLI_TOPOLOGY_OPTION_H_
