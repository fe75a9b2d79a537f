#ifndef DROVER_CLI_CONFIGS_H_
#define DROVER_CLI_CONFIGS_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

// The configs that come with Drover: in ./configs, or in those of the installation.
namespace drover {

// Their short names, sorted.
std::vector<std::string> ListConfigs();

// The file that a person means: a path, or the short name of a config. NOT_FOUND says what was
// probably meant.
absl::StatusOr<std::string> FindConfig(const std::string& path_or_name);

}  // namespace drover

#endif  // DROVER_CLI_CONFIGS_H_
