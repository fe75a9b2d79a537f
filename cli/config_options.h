#ifndef DROVER_CLI_CONFIG_OPTIONS_H_
#define DROVER_CLI_CONFIG_OPTIONS_H_

#include <CLI/CLI.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/field_locations.h"
#include "proto/experiment.pb.h"

namespace drover {

// A config as the command line names it: a file and what is changed in it.
class ConfigOptions {
 public:
  // Declares CONFIG, --set, --actors, --seed and --max_frames. `this` must outlive the parsing.
  void AddTo(CLI::App* app);

  // The same on another command line.
  std::vector<std::string> Arguments() const;

  // Reads the file and makes the changes. Errors say where and what is allowed.
  absl::StatusOr<std::pair<Experiment, FieldLocations>> Read() const;

 private:
  std::string config_;
  std::vector<std::string> changes_;  // of --set
  // As written: whether it is a number in range is told by the field's own error.
  std::string actors_;
  std::string seed_;
  std::string max_frames_;
};

}  // namespace drover

#endif  // DROVER_CLI_CONFIG_OPTIONS_H_
